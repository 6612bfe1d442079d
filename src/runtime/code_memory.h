// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace exprjit {

// A piece of executable memory. Whoever holds it gives it back with CodeMemory::release when no thread can be inside.
struct CodeBlock {
    const uint8_t* address = nullptr;  // executable view; a multiple of kCodeGranule
    size_t bytes = 0;                  // rounded up to granules
    void* arena = nullptr;             // the policy's own
};

inline constexpr size_t kCodeGranule = 64;

// Where machine code lives. Thread-safe; nothing it maps is ever writable and executable through one address.
class CodeMemory {
  public:
    virtual ~CodeMemory() = default;
    // Copies position-independent code (at most 64-byte aligned) to executable memory. False if there is none left.
    virtual bool install(std::span<const uint8_t> code, CodeBlock& out) = 0;
    virtual void release(const CodeBlock& block) = 0;

    virtual size_t code_bytes() const = 0;   // in blocks that are not released
    virtual size_t arena_bytes() const = 0;  // address space, counted once
};

// The `dual` policy: arenas of a memory file mapped twice, once writable and once executable, both for as long as the
// arena lives. Blocks are runs of 64-byte granules found in a bitmap; unused granules hold breakpoints. After a fork
// the arenas are shared with the other process, so both sides retire them: never written again, not even on release,
// and unmapped when their last block is gone. Returns nullptr, with the reason in *why, if the system refuses
// executable memory.
std::unique_ptr<CodeMemory> make_dual_code_memory(std::string* why);

// The `sealed` policy: a block is whole pages of private memory, which are written once, before they become executable, and
// never again as long as the block lives. Released pages lose their content and their permissions; the memory that the
// next block there gets is fresh. Private memory is the process's own: nothing that one side of a fork does can reach the
// other, and no second address exists through which code could be written. Costs a page per block. Returns nullptr, with
// the reason in *why, if the system refuses executable memory.
std::unique_ptr<CodeMemory> make_sealed_code_memory(std::string* why);

}  // namespace exprjit
