// SPDX-License-Identifier: MIT OR Apache-2.0
//
// A cancel token is the stop word that running kernels and compilations poll, with a count of references.
#pragma once

#include <atomic>
#include <cstdint>

#include "exprjit/exprjit.h"

struct ej_cancel_token {
    int32_t word = 0;  // generated code reads it as a plain word, everything else atomically
    std::atomic<uint32_t> references{1};
};

namespace exprjit::capi {

// What the token's holder polls; nullptr for NULL.
inline const volatile int32_t* stop_word_of(const ej_cancel_token* t) { return t != nullptr ? &t->word : nullptr; }

}  // namespace exprjit::capi
