// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "jit/compile.h"
#include "lang/front_end.h"
#include "opt/pipeline.h"

namespace exprjit {

inline constexpr std::string_view kDefaultSourceName = "<expression>";

// What a program was given as, in `text`. Bytes are those of src/wire; an image is what a builder made, see
// runtime/image.h.
enum class SourceKind : uint8_t { Text, Ir, Bytes, Image };

// Whether it is something to read, with positions in it.
constexpr bool has_text(SourceKind k) { return k == SourceKind::Text || k == SourceKind::Ir; }

enum class TierChoice : uint8_t { Auto = 0, Interpreter = 1, Baseline = 2, Optimised = 3 };  // ej_tier

// One wish to compile, as a face of the library states it. Everything is borrowed for the call.
struct CompileRequest {
    SourceKind kind = SourceKind::Text;
    std::string_view text;
    std::string_view source_name = kDefaultSourceName;
    std::span<const TextParam> params;
    bool declared = false;
    std::optional<Scalar> result_type;
    DivMode div_mode = DivMode::Error;
    Caret caret = Caret::Power;
    TierChoice tier = TierChoice::Auto;  // Auto: the engine's
    Isa isa = Isa::None;                 // None: the engine's
    uint32_t flags = 0;
    bool untrusted = false;                    // a stranger's text: functions of the host do not exist
    const volatile int32_t* cancel = nullptr;  // the compilation ends when this becomes non-zero
    const Definitions* definitions = nullptr;  // what the engine's users have added to the language; nullptr: nothing
    std::vector<const Definition*>* reached = nullptr;  // receives those of them that the text means

    TextOptions text_options() const {
        return {params, declared, result_type, div_mode, caret, definitions, !untrusted, 0, reached};
    }
};

}  // namespace exprjit
