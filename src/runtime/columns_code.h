// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What a kernel compiled to for one layout of columns, and what the loops are fed with.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "opt/nulls.h"
#include "opt/stages.h"
#include "runtime/executable.h"
#include "support/result.h"

namespace exprjit {

class Kernel;

// A layout is a byte per input and output: the Storage, and these bits. The memory of a uniform input is converted
// before the loop sees it, so its Storage is left out.
inline constexpr uint8_t kUniformColumn = 0x80;   // input: one value for all rows, of the parameter's type
inline constexpr uint8_t kNullableColumn = 0x40;  // input: may be null
inline constexpr uint8_t kStreamedColumn = 0x40;  // output: stored around the caches
constexpr Storage layout_storage(uint8_t b) { return static_cast<Storage>(b & 0x3f); }

// In the site of a check that the column engine wrote: the rest is the input column's number.
inline constexpr uint32_t kColumnSite = 0x80000000u;

// Where a parameter of a loop gets its value from.
struct LoopParam {
    enum class From : uint8_t {
        Unused,     // 0
        Uniform,    // value of input `index`
        Column,     // address of input `index`
        Validity,   // address of the bool bytes of input `index`'s bitmap
        Reduction,  // result of reduction `index`
        Output,     // address of output `index`
        ValidityOf  // address of bool bytes for result `index` of the row function
    };
    From from = From::Unused;
    uint8_t size = 0;  // bytes of an element, where it is an address
    uint32_t index = 0;
};

// One loop. Its parameters are `params`, the number of the first row, and the number of rows.
struct StageCode {
    Executable executable;
    std::vector<LoopParam> params;
    int lane_log2 = 0;
    uint32_t first_reduction = 0;  // the reductions it feeds: consecutive
    uint32_t reduction_count = 0;
    uint32_t partial_slots = 0;  // of all of them: its results
};

// How one output comes about.
struct OutputPlan {
    bool is_reduced = false;
    bool is_uniform = false;        // the same value in all rows of a call with this layout, and never null
    bool is_nullable = false;       // by all_of or by row
    std::vector<uint32_t> all_of;   // inputs whose bitmaps are ANDed
    int32_t validity_param = -1;    // loop parameter of `rows` that receives the validity as bool bytes
    int32_t validity_in_once = -1;  // or the result of `once` that is the validity of every row
};

struct ColumnCode {
    ColumnCode* next = nullptr;
    std::vector<NativeRef> natives;  // code points to what these own
    std::unique_ptr<uint8_t[]> layout;
    size_t layout_bytes = 0;

    std::vector<Reduction> reductions;
    std::vector<StageCode> reducing;  // in order
    StageCode rows;
    bool has_rows = false;
    bool has_once = false;
    // Parameters: the inputs (0 where they are columns), bools for needed validity, all reductions. Results:
    // once_outputs.
    Executable once;
    uint32_t once_params = 0;
    std::vector<uint32_t> once_outputs;  // past the number of outputs: a validity
    std::vector<OutputPlan> outputs;
    uint8_t vector_bytes = 0;
    bool masked = false;       // loops take any number of rows; otherwise memory is touched up to whole groups
    bool has_bitmaps = false;  // an output is nullable

    size_t memory_bytes() const;
};
void delete_column_code(ColumnCode* first);

// The code for a layout: found, or compiled (unless `stop`, which may be nullptr, becomes non-zero) and kept. Beyond kMostLayouts per kernel it is not kept but put into
// `single`.
Result<const ColumnCode*> column_code(const Kernel& kernel, std::span<const uint8_t> layout,
                                      const volatile int32_t* stop, std::unique_ptr<ColumnCode>& single);
// The same, but nullptr if it is not there.
const ColumnCode* find_column_code(const Kernel& kernel, std::span<const uint8_t> layout);

// Facts about a kernel's outputs that hold for all layouts.
struct OutputFacts {
    std::vector<uint8_t> reduced, nullable;  // per output
    uint32_t passes = 0;                     // loops over the rows
    bool has_rows = false;                   // whether the last of them is not a reduction
};
const OutputFacts& output_facts(const Kernel& kernel);

}  // namespace exprjit
