// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Rules over orders, one per line of a file: `name: formula`; empty lines and those that begin with # are left out. The file may change at any time while rules are in use.
#pragma once

#include <exprjit/exprjit.hpp>

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

struct order {
    double price;
    std::int32_t quantity;
    float weight;
    std::int32_t earlier;  // orders of this customer
    bool is_express;
    std::int32_t hits;  // rules that hold
};

using condition = exprjit::function<bool(double, std::int32_t, float, std::int32_t, bool)>;

struct rule {
    std::string name, formula;
    condition holds;
};
// What evaluates them holds on to the rules it began with.
using rule_list = std::vector<std::shared_ptr<const rule>>;

struct reload_report {
    std::size_t rules = 0, compiled = 0;
    std::vector<std::string> errors;  // rendered, each with its place
};

class rule_book {
  public:
    // Compiles the lines that are new. A wrong one keeps its last good formula; one that never was good is left out.
    reload_report reload(std::string_view file_name, std::string_view text);

    std::shared_ptr<const rule_list> current() const {
        const std::lock_guard<std::mutex> lock(mutex_);
        return rules_;
    }

  private:
    exprjit::engine engine_;
    mutable std::mutex mutex_;
    std::shared_ptr<const rule_list> rules_ = std::make_shared<rule_list>();
    std::unordered_map<std::string, std::shared_ptr<const rule>> by_name_;
};
