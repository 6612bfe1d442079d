// SPDX-License-Identifier: MIT OR Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "measure.h"

namespace exprjit::bench {

// One line of the result: a figure, or that it is missing, and what it was to reach.
struct Row {
    std::string group;            // "compile 12 instructions"
    std::string name;             // "exprjit, optimised"
    std::string unit;             // "ns", "bytes", "x"
    std::optional<double> value;  // nothing: the rival is not installed
    double low = 0, high = 0;     // 10th and 90th percentile, where there are samples
    std::optional<double> target;
    bool at_least = false;  // the target is a lower bound
    std::string note;
    std::vector<std::pair<std::string, std::string>> tags = {};  // further fields of the JSON, for whoever draws it

    bool passed() const { return !target || (value && (at_least ? *value >= *target : *value <= *target)); }
    // How the value stands to its target: below 1 is better than asked.
    double ratio() const { return at_least ? *target / *value : *value / *target; }
};

class Report {
  public:
    void add(Row row) { rows_.push_back(std::move(row)); }
    void samples(const std::string& group, const std::string& name, const Samples& s, std::optional<double> target = {},
                 const std::string& note = {});
    void missing(const std::string& group, const std::string& name, const std::string& how);

    // The table for people, to stdout.
    void print() const;
    // False if the file cannot be written.
    bool write_json(const std::string& path) const;
    int failed() const;

  private:
    std::vector<Row> rows_;
};

}  // namespace exprjit::bench
