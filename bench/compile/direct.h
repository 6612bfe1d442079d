// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <optional>

#include "runtime/engine.h"
#include "runtime/generate.h"

namespace exprjit::bench {

// IR to callable without text and cache: the passes, the code generator and the installation into code memory, as the
// engine runs them.
class DirectCompile {
  public:
    DirectCompile(const Program& source, Tier tier);
    ~DirectCompile();
    DirectCompile(const DirectCompile&) = delete;
    DirectCompile& operator=(const DirectCompile&) = delete;

    void prepare() { working_ = source_; }  // a fresh copy: the passes use it up
    bool run();
    void finish() { made_.reset(); }
    double call(double a, double b, double c, double d) const;

  private:
    const Program& source_;
    CodeTraits traits_;
    Ref<Engine> engine_;
    Program working_;
    std::optional<Generated> made_;
};

}  // namespace exprjit::bench
