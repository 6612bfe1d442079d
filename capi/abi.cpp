// SPDX-License-Identifier: MIT OR Apache-2.0
#include "abi.h"

#include "opt/pipeline.h"
#include "runtime/engine.h"
#include "runtime/executor.h"
#include "runtime/kernel.h"
#include "support/result.h"

namespace exprjit::capi {

#define SAME(c, cpp) static_assert(static_cast<int64_t>(c) == static_cast<int64_t>(cpp))

SAME(EJ_OK, Status::Ok);
SAME(EJ_ERR_INVALID_ARGUMENT, Status::InvalidArgument);
SAME(EJ_ERR_SYNTAX, Status::Syntax);
SAME(EJ_ERR_NAME, Status::Name);
SAME(EJ_ERR_TYPE, Status::Type);
SAME(EJ_ERR_LIMIT, Status::Limit);
SAME(EJ_ERR_DIVIDE_BY_ZERO, Status::DivideByZero);
SAME(EJ_ERR_DOMAIN, Status::Domain);
SAME(EJ_ERR_CANCELLED, Status::Cancelled);
SAME(EJ_ERR_STACK, Status::Stack);
SAME(EJ_ERR_NEEDS_CONTEXT, Status::NeedsContext);
SAME(EJ_ERR_UNSUPPORTED, Status::Unsupported);
SAME(EJ_ERR_NO_MEMORY, Status::NoMemory);
SAME(EJ_ERR_INTERNAL, Status::Internal);

SAME(EJ_BOOL, dtype_of(Storage::Bool));
SAME(EJ_I32, dtype_of(Storage::I32));
SAME(EJ_I64, dtype_of(Storage::I64));
SAME(EJ_F32, dtype_of(Storage::F32));
SAME(EJ_F64, dtype_of(Storage::F64));
SAME(EJ_I8, dtype_of(Storage::I8));
SAME(EJ_I16, dtype_of(Storage::I16));
SAME(EJ_U8, dtype_of(Storage::U8));
SAME(EJ_U16, dtype_of(Storage::U16));
SAME(EJ_U32, dtype_of(Storage::U32));
SAME(EJ_F16, dtype_of(Storage::F16));
SAME(EJ_U64, dtype_of(Storage::U64));
SAME(EJ_U64, kStorageCount);

SAME(EJ_DIV_ERROR, DivMode::Error);
SAME(EJ_DIV_ZERO, DivMode::Zero);
SAME(EJ_CARET_POWER, Caret::Power);
SAME(EJ_CARET_XOR, Caret::Xor);
SAME(EJ_CARET_STRICT, Caret::Strict);

SAME(EJ_TIER_AUTO, TierChoice::Auto);
SAME(EJ_TIER_INTERPRETER, TierChoice::Interpreter);
SAME(EJ_TIER_BASELINE, TierChoice::Baseline);
SAME(EJ_TIER_OPTIMISED, TierChoice::Optimised);
SAME(EJ_TIER_INTERPRETER, Tier::Interpreter);
SAME(EJ_TIER_BASELINE, Tier::Baseline);
SAME(EJ_TIER_OPTIMISED, Tier::Optimised);

SAME(EJ_ISA_AUTO, Isa::None);
SAME(EJ_ISA_V2, Isa::V2);
SAME(EJ_ISA_V3, Isa::V3);
SAME(EJ_ISA_V4, Isa::V4);

SAME(EJ_FLAG_CONTRACT, kFlagContract);
SAME(EJ_FLAG_REASSOC, kFlagReassoc);

SAME(EJ_LOG_ERROR, LogLevel::Error);
SAME(EJ_LOG_WARNING, LogLevel::Warning);
SAME(EJ_LOG_INFO, LogLevel::Info);
SAME(EJ_LOG_DEBUG, LogLevel::Debug);
static_assert(std::is_same_v<ej_log_fn, LogFunction>);
static_assert(std::is_same_v<ej_parallel_fn, HostExecutor::Parallel>);

SAME(EJ_CODE_MEMORY_AUTO, CodeMemoryPolicy::Auto);
SAME(EJ_CODE_MEMORY_DUAL, CodeMemoryPolicy::Dual);
SAME(EJ_CODE_MEMORY_NONE, CodeMemoryPolicy::None);
SAME(EJ_CODE_MEMORY_SEALED, CodeMemoryPolicy::Sealed);

SAME(EJ_REDUCE_SUM, ReduceKind::Sum);
SAME(EJ_REDUCE_PROD, ReduceKind::Prod);
SAME(EJ_REDUCE_MIN, ReduceKind::Min);
SAME(EJ_REDUCE_MAX, ReduceKind::Max);
SAME(EJ_REDUCE_COUNT, ReduceKind::Count);
SAME(EJ_REDUCE_ARG_MIN, ReduceKind::ArgMin);
SAME(EJ_REDUCE_ARG_MAX, ReduceKind::ArgMax);
SAME(EJ_REDUCE_DEVIATIONS, ReduceKind::Deviations);
SAME(EJ_CHECK_DIVIDE_BY_ZERO, CheckCode::DivideByZero);
SAME(EJ_CHECK_DOMAIN, CheckCode::Domain);
SAME(EJ_CHECK_INDEX, CheckCode::Index);
SAME(EJ_CHECK_USER, CheckCode::User);
SAME(EJ_CHECK_UNSIGNED, CheckCode::Unsigned);
SAME(EJ_CHECK_NO_ROWS, CheckCode::NoRows);
SAME(EJ_NO_NODE, kNoValue);

SAME(1, CacheHit::Text);
SAME(2, CacheHit::Canonical);

#undef SAME

}  // namespace exprjit::capi
