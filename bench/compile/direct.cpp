// SPDX-License-Identifier: MIT OR Apache-2.0
#include "direct.h"

namespace exprjit::bench {

DirectCompile::DirectCompile(const Program& source, Tier tier) : source_(source), engine_(Engine::create({})) {
    traits_.tier = tier;
    traits_.isa = engine_->isa();
}

DirectCompile::~DirectCompile() {
    made_.reset();
    engine_->close();
}

bool DirectCompile::run() {
    CompileTicks times;
    auto made =
        generate(*engine_, working_, traits_, FormChoice::PlainIfPossible, CompileScratch::of_this_thread(), times);
    if (!made) return false;
    made_.emplace(std::move(*made));
    return made_->executable.plain_entry() != nullptr;
}

double DirectCompile::call(double a, double b, double c, double d) const {
    return reinterpret_cast<double (*)(double, double, double, double)>(
        reinterpret_cast<uintptr_t>(made_->executable.plain_entry()))(a, b, c, d);
}

}  // namespace exprjit::bench
