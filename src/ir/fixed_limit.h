// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

namespace exprjit {

// The hint of every limit that no option of an engine raises (docs/c-api.md, "Limits"): whoever meets one would look for it.
inline constexpr const char* kFixedLimitHint = "split it; this limit is fixed";

}  // namespace exprjit
