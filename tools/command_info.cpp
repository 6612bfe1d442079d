// SPDX-License-Identifier: MIT OR Apache-2.0
//
// info and functions: what this exprjit is and what its language offers.
#include <algorithm>

#include "commands.h"
#include "json_text.h"
#include "library.h"
#include "number_text.h"
#include "output.h"
#include "suggest.h"

namespace exprjit::cli {
namespace {

Status print(const std::string& text) {
    Output output = standard_output();
    output.append(text);
    return output.finish();
}

std::vector<std::string> pass_names() {
    std::vector<std::string> names;
    for (size_t i = 0; ej_pass_name(i) != nullptr; ++i) {
        names.emplace_back(ej_pass_name(i));
    }
    return names;
}

std::string info_text(const ej_engine_stats& stats, const EngineLimits& limits) {
    std::string passes;
    for (const std::string& name : pass_names()) {
        passes += (passes.empty() ? "" : ", ") + name;
    }
    const auto mib = [](size_t bytes) { return std::to_string(bytes >> 20) + " MiB"; };
    std::string text;
    const auto row = [&](const char* label, const std::string& value) {
        text += label;
        text.append(14 - std::min<size_t>(14, std::char_traits<char>::length(label)), ' ');
        text += value + "\n";
    };
    row("exprjit", EJ_VERSION_STRING);
    row("library", std::string(ej_version()) + ", ABI " + std::to_string(ej_abi_version()));
    row("CPU", ej_cpu_name());
    row("CPU level", isa_name(ej_cpu_isa()));
    row("level in use", isa_name(stats.isa));
    row("machine code", stats.jit != 0 ? "on" : "off: everything is interpreted");
    row("operations", std::to_string(ej_op_count()));
    row("functions", std::to_string(ej_function_count()));
    row("passes", passes);
    row("limits", "text " + mib(limits.max_text_bytes) + ", " + grouped(static_cast<int64_t>(limits.max_nodes)) +
                      " nodes, nesting " + grouped(static_cast<int64_t>(limits.max_nesting)) + ", code " +
                      mib(limits.max_code_bytes) + ", compiling " +
                      std::to_string(limits.max_compile_ns / 1'000'000'000) + " s");
    row("cache", std::to_string(stats.entries) + " kernels, " + std::to_string(stats.cache_bytes) + " of " +
                     mib(limits.cache_bytes) + "; " + std::to_string(stats.text_hits) + " hits by text, " +
                     std::to_string(stats.canonical_hits) + " by program, " + std::to_string(stats.misses) + " misses");
    row("code memory",
        std::to_string(stats.code_bytes) + " bytes of code, " + std::to_string(stats.arena_bytes) + " bytes reserved");
    return text;
}

std::string info_json(const ej_engine_stats& stats, const EngineLimits& limits) {
    JsonText json;
    json.open_object();
    json.text("version", EJ_VERSION_STRING);
    json.text("library_version", ej_version());
    json.integer("abi_version", ej_abi_version());
    json.text("cpu", ej_cpu_name());
    json.text("cpu_isa", isa_name(ej_cpu_isa()));
    json.text("isa", isa_name(stats.isa));
    json.boolean("jit", stats.jit != 0);
    json.integer("operations", static_cast<int64_t>(ej_op_count()));
    json.integer("functions", static_cast<int64_t>(ej_function_count()));
    json.open_array("passes");
    for (const std::string& name : pass_names()) {
        json.text({}, name);
    }
    json.close_array();
    json.open_object("limits");
    json.integer("text_bytes", static_cast<int64_t>(limits.max_text_bytes));
    json.integer("nodes", static_cast<int64_t>(limits.max_nodes));
    json.integer("nesting", static_cast<int64_t>(limits.max_nesting));
    json.integer("code_bytes", static_cast<int64_t>(limits.max_code_bytes));
    json.integer("compile_ns", static_cast<int64_t>(limits.max_compile_ns));
    json.integer("cache_bytes", static_cast<int64_t>(limits.cache_bytes));
    json.close_object();
    json.open_object("cache");
    json.integer("entries", static_cast<int64_t>(stats.entries));
    json.integer("bytes", static_cast<int64_t>(stats.cache_bytes));
    json.integer("text_hits", static_cast<int64_t>(stats.text_hits));
    json.integer("canonical_hits", static_cast<int64_t>(stats.canonical_hits));
    json.integer("misses", static_cast<int64_t>(stats.misses));
    json.integer("evictions", static_cast<int64_t>(stats.evictions));
    json.close_object();
    json.integer("code_bytes", static_cast<int64_t>(stats.code_bytes));
    json.integer("arena_bytes", static_cast<int64_t>(stats.arena_bytes));
    json.close_object();
    return json.finish();
}

std::vector<ej_function_info> all_functions() {
    std::vector<ej_function_info> list;
    for (size_t i = 0; i < ej_function_count(); ++i) {
        ej_function_info info{};
        info.struct_size = sizeof info;
        if (ej_function_get(i, &info) == EJ_OK) {
            list.push_back(info);
        }
    }
    return list;
}

bool has_alias(const ej_function_info& info, const std::string& name) {
    return (" " + std::string(info.aliases) + " ").find(" " + name + " ") != std::string::npos;
}

// The functions called `filter`; else those of that category; else those that mention it anywhere.
std::vector<ej_function_info> matching(const std::vector<ej_function_info>& all, const std::string& filter) {
    const auto collect = [&](auto matches) {
        std::vector<ej_function_info> found;
        std::copy_if(all.begin(), all.end(), std::back_inserter(found), matches);
        return found;
    };
    auto found = collect([&](const ej_function_info& f) { return filter == f.name || has_alias(f, filter); });
    if (found.empty()) {
        found = collect([&](const ej_function_info& f) { return filter == f.category; });
    }
    if (found.empty()) {
        found = collect([&](const ej_function_info& f) {
            for (const char* text : {f.name, f.aliases, f.category, f.summary}) {
                if (std::string_view(text).find(filter) != std::string_view::npos) {
                    return true;
                }
            }
            return false;
        });
    }
    return found;
}

std::string call_form(const ej_function_info& info) {
    return info.is_constant != 0 ? info.name : std::string(info.name) + "(" + info.parameters + ")";
}

// Characters, not bytes: some parameter lists hold an ellipsis.
size_t width_of(const std::string& text) {
    return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

std::string functions_text(const std::vector<ej_function_info>& list) {
    constexpr size_t kWidestForm = 30;  // a longer one pushes its own line only
    size_t form_width = 0;
    for (const ej_function_info& info : list) {
        form_width = std::max(form_width, std::min(kWidestForm, width_of(call_form(info))));
    }
    std::string text, category;
    for (const ej_function_info& info : list) {
        if (category != info.category) {
            text += (text.empty() ? "" : "\n") + std::string(info.category) + "\n";
            category = info.category;
        }
        const std::string form = call_form(info);
        text += "  " + form;
        text.append(form_width - std::min(form_width, width_of(form)) + 2, ' ');
        text += info.summary;
        if (info.aliases[0] != '\0') {
            text += " (also " + std::string(info.aliases) + ")";
        }
        text += '\n';
    }
    return text;
}

std::string functions_json(const std::vector<ej_function_info>& list) {
    JsonText json;
    json.open_array();
    for (const ej_function_info& info : list) {
        json.open_object();
        json.text("name", info.name);
        json.open_array("aliases");
        std::string_view rest = info.aliases;
        while (!rest.empty()) {
            const size_t space = rest.find(' ');
            json.text({}, rest.substr(0, space));
            rest = space == std::string_view::npos ? std::string_view() : rest.substr(space + 1);
        }
        json.close_array();
        json.text("parameters", info.parameters);
        json.text("category", info.category);
        json.text("summary", info.summary);
        json.integer("min_args", info.min_args);
        if (info.max_args < 0) {
            json.null("max_args");
        } else {
            json.integer("max_args", info.max_args);
        }
        json.boolean("constant", info.is_constant != 0);
        json.close_object();
    }
    json.close_array();
    return json.finish();
}

}  // namespace

Status run_info(const Options& options, const Messages& messages) {
    Engine engine;
    if (Status status = create_engine(messages, true, engine); !status.ok()) {
        return status;
    }
    ej_engine_stats stats{};
    stats.struct_size = sizeof stats;
    if (const ej_status got = ej_engine_get_stats(engine.get(), &stats); got != EJ_OK) {
        return library_failure(got, nullptr, Phase::kRun);
    }
    return print(options.json ? info_json(stats, EngineLimits{}) : info_text(stats, EngineLimits{}));
}

Status run_functions(const Options& options, const Messages&) {
    std::vector<ej_function_info> list = all_functions();
    // Functions of one category stand together, in the order in which the library names the categories.
    std::vector<std::string> categories;
    for (const ej_function_info& info : list) {
        if (std::find(categories.begin(), categories.end(), info.category) == categories.end()) {
            categories.emplace_back(info.category);
        }
    }
    const auto rank = [&](const ej_function_info& f) {
        return std::find(categories.begin(), categories.end(), f.category) - categories.begin();
    };
    std::stable_sort(list.begin(), list.end(), [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
    if (!options.filter.empty()) {
        std::vector<ej_function_info> found = matching(list, options.filter);
        if (found.empty()) {
            std::vector<std::string> names = categories;
            for (const ej_function_info& info : list) {
                names.emplace_back(info.name);
            }
            const std::string near = nearest(options.filter, names);
            return failure(kExitFailed, "no function or category matches '" + options.filter + "'",
                           near.empty() ? std::string("exprjit functions lists all of them")
                                        : "did you mean '" + near + "'?");
        }
        list = std::move(found);
    }
    return print(options.json ? functions_json(list) : functions_text(list));
}

}  // namespace exprjit::cli
