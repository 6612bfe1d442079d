// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cancel_token.h"

#include "border.h"

using namespace exprjit::capi;

extern "C" {

ej_status ej_cancel_token_create(ej_cancel_token** token) {
    if (token == nullptr) return EJ_ERR_INVALID_ARGUMENT;
    *token = nullptr;
    return at_border([&] {
        *token = new ej_cancel_token;
        return EJ_OK;
    });
}

ej_cancel_token* ej_cancel_token_retain(ej_cancel_token* token) {
    if (token != nullptr) token->references.fetch_add(1, std::memory_order_relaxed);
    return token;
}

void ej_cancel_token_release(ej_cancel_token* token) {
    if (token != nullptr && token->references.fetch_sub(1, std::memory_order_acq_rel) == 1) delete token;
}

// One store each, of a word that is written atomically by the hardware: nothing that a signal handler must not do.
void ej_cancel_token_cancel(ej_cancel_token* token) {
    if (token != nullptr) __atomic_store_n(&token->word, 1, __ATOMIC_RELEASE);
}

void ej_cancel_token_reset(ej_cancel_token* token) {
    if (token != nullptr) __atomic_store_n(&token->word, 0, __ATOMIC_RELEASE);
}

int32_t ej_cancel_token_is_cancelled(const ej_cancel_token* token) {
    return token != nullptr && __atomic_load_n(&token->word, __ATOMIC_ACQUIRE) != 0 ? 1 : 0;
}

}  // extern "C"
