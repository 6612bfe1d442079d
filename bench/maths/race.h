// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "columns.h"
#include "report.h"
#include "stopwatch.h"
#include "vectors.h"

namespace exprjit::bench {

// "v2", "v3", "v4"
const char* level_name(ej_isa isa);

// Those that compute one function over the same columns, in one way: "vector" or "scalar".
class Race {
  public:
    Race(Report& report, const Function& f, ej_isa isa, const Columns& columns, const char* way);

    void enter(const std::string& engine, std::function<void()> run);
    // A function by its address, and the loop that applies it.
    void enter(const std::string& engine, void* function, VectorLoop loop);
    void absent(const std::string& engine, const std::string& why);
    // Checks everybody's results, then times them. Results are ns per element, by engine; the target is exprjit's at 1 ULP.
    std::map<std::string, double> run(double seconds, std::optional<double> target);
    // A ratio or another figure beside the times.
    void figure(const std::string& name, double value, const char* unit, std::optional<double> target, bool at_least,
                const std::string& note = {});

  private:
    Row blank(const std::string& engine) const;
    Report& report_;
    const Function& function_;
    ej_isa isa_;
    const Columns& columns_;
    const char* way_;
    std::string group_;
    std::vector<Entrant> entrants_;
    std::vector<Row> absent_;
};

}  // namespace exprjit::bench
