// SPDX-License-Identifier: MIT OR Apache-2.0
#include "wire/codes.h"

namespace exprjit::wire {

namespace {

Status status_of(Code code) {
    switch (code) {
#define EJ_CODE(number, Name, status, sentence)                                                                        \
    case k##Name:                                                                                                      \
        return Status::status;
#include "wire/wire_codes.def"
#undef EJ_CODE
    }
    return Status::Syntax;
}

}  // namespace

Failure failure(Code code, std::string message, std::string hint) {
    return fail(status_of(code), code, std::move(message), std::move(hint));
}

}  // namespace exprjit::wire
