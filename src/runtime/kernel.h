// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Three objects make a kernel. Code: what one canonical program compiled to, shared by every text that means the same.
// KernelText: one text with its options, names and positions, shared by every caller that compiles it again. Kernel:
// one caller's handle.
#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "runtime/cache.h"
#include "runtime/engine.h"
#include "runtime/generate.h"

namespace exprjit {

struct ColumnCode;
struct OutputFacts;

// Immutable but for the column code, which is made when first needed.
class CompiledCode final : public Cached {
    const Ref<Engine> engine_;  // first, so that it goes last: code is given back to the engine's code memory

  public:
    CompiledCode(Engine& engine, std::span<const uint8_t> canonical_key, const Program& program,
                 const CodeTraits& traits);

    std::span<const uint8_t> key() const override { return {key_.get(), key_bytes_}; }
    Cached* depends_on() const override { return nullptr; }
    size_t memory_bytes() const;

    Engine& engine() const { return *engine_; }
    // Of no other code in this process, ever.
    uint64_t id() const { return id_; }
    size_t param_count() const { return param_count_; }
    size_t result_count() const { return result_count_; }
    Scalar param_type(size_t i) const { return static_cast<Scalar>(types_[i]); }
    Scalar result_type(size_t i) const { return static_cast<Scalar>(types_[param_count_ + i]); }
    // Whether it reduces over rows. Such code has no scalar entry: made.executable is empty.
    bool is_reducing() const { return is_reducing_; }
    // Whether it calls a function of the host that is not pure: once for each row, in order, on one thread.
    bool is_serial() const { return is_serial_; }

    // Set once, before the object is shared.
    Generated made;
    CompileTicks times;
    const CodeTraits traits;

    // A list that only grows, at its head, and at most kMostLayouts long; see columns.cpp.
    std::atomic<ColumnCode*> columns{nullptr};
    std::atomic<uint32_t> column_count{0};
    std::atomic<size_t> column_bytes{0};
    // Made when first asked for; see columns_code.h.
    std::atomic<const OutputFacts*> output_facts{nullptr};

  private:
    ~CompiledCode() override;

    const uint64_t id_;
    std::unique_ptr<uint8_t[]> key_;  // followed by the types
    size_t key_bytes_;
    const uint8_t* types_;
    uint32_t param_count_;
    uint32_t result_count_;
    bool is_reducing_;
    bool is_serial_;
};

class KernelText final : public Cached {
  public:
    // Copies the front key, the names of the entry function, and the places of the checks.
    // `definitions`: those that the text means; kept, because columns read it again. nullptr if there are none.
    KernelText(std::span<const uint8_t> front_key, const Program& program, std::span<const Span> places,
               std::shared_ptr<const Definitions> definitions);

    std::span<const uint8_t> key() const override { return {data_.get(), key_bytes_}; }
    Cached* depends_on() const override { return code.get(); }
    size_t memory_bytes() const { return sizeof *this + data_bytes_ + definition_bytes_; }

    SourceKind kind() const { return kind_of_front_key(key()); }
    // The text it was compiled from, NUL-terminated; where there was none, the program as IR text, made when first asked
    // for. Throws std::bad_alloc.
    std::string_view source() const;
    std::string source_name() const;
    const char* param_name(size_t i) const { return name(i); }
    const char* result_name(size_t i) const { return name(code->param_count() + i); }
    Span place(uint32_t check) const;
    // "(a: f64) -> f64"; made when first asked for. Throws std::bad_alloc.
    const char* signature() const;
    // The request it was compiled from, whose views point into this object.
    CompileRequest request(std::vector<TextParam>& params) const {
        CompileRequest r = read_front_key(key(), params);
        r.definitions = definitions_.get();
        return r;
    }

    Ref<CompiledCode> code;  // set once, before the object is shared

  private:
    ~KernelText() override {
        delete[] signature_.load(std::memory_order_relaxed);
        delete[] printed_.load(std::memory_order_relaxed);
    }
    const char* name(size_t i) const;
    template <class T>
    T read(size_t offset) const;

    const std::shared_ptr<const Definitions> definitions_;
    const size_t definition_bytes_;    // others may hold them, too; but once they are replaced, nobody else may
    std::unique_ptr<uint8_t[]> data_;  // key, places, offsets of names, names
    size_t data_bytes_;
    size_t key_bytes_;
    uint32_t place_count_;
    uint32_t name_count_;
    mutable std::atomic<char*> signature_{nullptr};
    mutable std::atomic<char*> printed_{nullptr};
};

enum class CacheHit : uint8_t { None = 0, Text = 1, Canonical = 2 };

class Kernel {
  public:
    Kernel(Ref<KernelText> text, CacheHit hit) : hit_(hit), text_(std::move(text)) {}

    void retain() { references_.fetch_add(1, std::memory_order_relaxed); }
    void release() {
        if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
    }
    const KernelText& text() const { return *text_; }
    CompiledCode& code() const { return *text_->code; }
    CacheHit hit() const { return hit_; }
    bool is_reducing() const { return code().is_reducing(); }
    // Whether output `i` is the same for all rows because it depends on parameters through reductions only, and whether it can
    // be null when inputs are. The first call analyses the program and may throw std::bad_alloc. Thread-safe.
    bool output_is_reduced(size_t i) const;
    bool output_is_nullable(size_t i) const;
    size_t memory_bytes() const { return sizeof *this + text_->memory_bytes() + code().memory_bytes(); }

  private:
    std::atomic<uint32_t> references_{1};
    CacheHit hit_;
    Ref<KernelText> text_;
};

// The failure an Exit stands for: code, place in the source, and over columns the row (-1: a single call).
Failure run_time_failure(const KernelText& text, Exit exit, const Context& context, int64_t row);

// Calls the kernel once: a slot per parameter, a slot per output.
Result<void> call_kernel(const Kernel& kernel, const volatile int32_t* stop, const Slot* args, Slot* outs);

}  // namespace exprjit
