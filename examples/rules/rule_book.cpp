// SPDX-License-Identifier: MIT OR Apache-2.0
#include "rule_book.hpp"

#include <algorithm>

reload_report rule_book::reload(std::string_view file_name, std::string_view text) {
    reload_report report;
    auto next = std::make_shared<rule_list>();
    decltype(by_name_) kept;
    exprjit::compile_options options;
    for (std::size_t line = 1; !text.empty(); ++line) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view row = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (row.find_first_not_of(" \t\r") == row.npos || row.front() == '#') continue;
        const std::size_t colon = row.find(": ");
        if (colon == row.npos || colon == 0) {
            report.errors.push_back("error: this line is no rule, which is written as `name: formula`\n --> " +
                                    std::string(file_name) + ", line " + std::to_string(line) + "\n   |\n   | " +
                                    std::string(row) + "\n");
            continue;
        }
        const std::string name(row.substr(0, colon)), formula(row.substr(colon + 2));

        std::shared_ptr<const rule>& slot = kept[name];
        if (const auto known = by_name_.find(name); known != by_name_.end()) slot = known->second;
        if (!slot || slot->formula != formula) {
            options.source_name = std::string(file_name) + ", line " + std::to_string(line) + ", " + name;
            try {
                slot = std::make_shared<const rule>(
                    rule{name, formula,
                         engine_.compile<bool(double, std::int32_t, float, std::int32_t, bool)>(
                             formula, {"price", "quantity", "weight", "earlier", "is_express"}, options)});
                ++report.compiled;
            } catch (const exprjit::error& e) {
                report.errors.emplace_back(e.render());
            }
        }
        if (slot) next->push_back(slot);
    }
    report.rules = next->size();
    by_name_ = std::move(kept);
    const std::lock_guard<std::mutex> lock(mutex_);
    rules_ = std::move(next);
    return report;
}
