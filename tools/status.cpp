// SPDX-License-Identifier: MIT OR Apache-2.0
#include "status.h"

#include <csignal>
#include <cstring>

#include "interrupt.h"

namespace exprjit::cli {

Status failure(int exit_code, std::string_view message, std::string_view hint) {
    Status status;
    status.exit_code = exit_code;
    status.text = "error: ";
    status.text += message;
    status.text += '\n';
    if (!hint.empty()) {
        status.text += "hint: ";
        status.text += hint;
        status.text += '\n';
    }
    return status;
}

Status system_failure(std::string_view what, int error_number, std::string_view hint) {
    std::string message(what);
    message += ": ";
    message += std::strerror(error_number);
    return failure(kExitFailed, message, hint);
}

int exit_code_of(ej_status status, Phase phase) {
    switch (status) {
    case EJ_OK: return kExitOk;
    case EJ_ERR_SYNTAX:
    case EJ_ERR_NAME:
    case EJ_ERR_TYPE: return kExitInvalid;
    case EJ_ERR_DOMAIN:
    case EJ_ERR_DIVIDE_BY_ZERO:
        // The compiler reports these when the text alone shows the fault: then the text is wrong, not the data.
        return phase == Phase::kCompile ? kExitInvalid : kExitFailed;
    case EJ_ERR_LIMIT:
    case EJ_ERR_STACK:
    case EJ_ERR_NO_MEMORY: return kExitLimit;
    case EJ_ERR_CANCELLED: return kExitSignalBase + (interrupted() != 0 ? interrupted() : SIGINT);
    default: return kExitFailed;
    }
}

}  // namespace exprjit::cli
