// SPDX-License-Identifier: MIT OR Apache-2.0
#include "opt/expand.h"

namespace exprjit::expand {

Expr IsNull(const Site& s) { return {&s.builder, s.builder.constant(s.type().with(Scalar::Bool), 0)}; }

Expr Coalesce(const Site& s) { return s[0]; }

}  // namespace exprjit::expand
