// SPDX-License-Identifier: MIT OR Apache-2.0
#include "case_file.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>

namespace exprjit::filetests {

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) text.remove_suffix(1);
    return text;
}

std::vector<std::string> split_list(std::string_view text) {
    std::vector<std::string> parts;
    int depth = 0;
    bool quoted = false;
    size_t start = 0;
    if (trim(text).empty()) return parts;
    for (size_t i = 0; i <= text.size(); ++i) {
        const char c = i < text.size() ? text[i] : ',';
        if (c == '"' || c == '`') quoted = !quoted;
        if (c == '[' || c == '(') ++depth;
        if (c == ']' || c == ')') --depth;
        if (i == text.size() || (c == ',' && depth == 0 && !quoted)) {
            parts.emplace_back(trim(text.substr(start, i - start)));
            start = i + 1;
        }
    }
    return parts;
}

namespace {

constexpr std::string_view kKeys[] = {"test",    "expr",  "ir", "params",  "options", "run",   "type",   "inputs",
                                      "outputs", "error", "ok", "listing", "has",     "lacks", "warning"};

bool parse_size(std::string_view text, size_t& out) {
    return std::from_chars(text.data(), text.data() + text.size(), out).ptr == text.data() + text.size() &&
           !text.empty();
}

bool apply_option(std::string_view word, Options& o) {
    const size_t equal = word.find('=');
    const std::string_view key = word.substr(0, equal);
    const std::string_view value = equal == std::string_view::npos ? std::string_view{} : word.substr(equal + 1);
    const auto one_of = [&](std::initializer_list<std::string_view> names) {
        return static_cast<int>(std::find(names.begin(), names.end(), value) - names.begin());
    };
    if (key == "div")
        return o.div_mode = static_cast<DivMode>(one_of({"error", "zero"})), one_of({"error", "zero"}) < 2;
    if (key == "caret") {
        const int k = one_of({"power", "xor", "strict"});
        o.caret = static_cast<Caret>(k);
        return k < 3;
    }
    if (key == "result") {
        Type t;
        if (!parse_type(value, t) || !t.is_scalar()) return false;
        o.result = t.scalar();
        return true;
    }
    if (key == "flags") {
        for (const std::string& f : split_list(value)) {
            if (f == "contract")
                o.flags |= kFlagContract;
            else if (f == "reassoc")
                o.flags |= kFlagReassoc;
            else
                return false;
        }
        return true;
    }
    if (key == "tier")
        return o.tier = one_of({"baseline"}) == 0 ? Tier::Baseline : Tier::Optimised,
               one_of({"baseline", "optimised"}) < 2;
    if (key == "isa") {
        const int k = one_of({"v2", "v3", "v4"});
        o.isa = k == 0 ? Isa::V2 : k == 1 ? Isa::V3 : Isa::V4;
        return k < 3;
    }
    if (key == "entry")
        return o.entry = value == "context" ? EntryForm::Context : EntryForm::Plain, one_of({"context", "plain"}) < 2;
    if (key == "columns") return o.columns = value != "no", one_of({"no", "yes"}) < 2;
    if (key == "literals") return o.literals = value != "no", one_of({"no", "yes"}) < 2;
    if (key == "trust")
        return o.trust = value == "internal" ? Trust::Internal : Trust::Border, one_of({"internal", "border"}) < 2;
    if (key == "max_nodes") return parse_size(value, o.limits.max_nodes);
    if (key == "max_nesting") return parse_size(value, o.limits.max_nesting);
    if (key == "max_text_bytes") return parse_size(value, o.limits.max_text_bytes);
    if (key == "max_operands") return parse_size(value, o.limits.max_operands);
    if (key == "max_local_bytes") return parse_size(value, o.limits.max_local_bytes);
    if (key == "max_table_bytes") return parse_size(value, o.limits.max_table_bytes);
    if (key == "max_params") return parse_size(value, o.limits.max_params);
    if (key == "max_functions") return parse_size(value, o.limits.max_functions);
    return false;
}

bool apply_options(const Entry& e, Options& o, std::string& why) {
    std::istringstream words(e.value);
    for (std::string word; words >> word;) {
        if (apply_option(word, o)) continue;
        why = "line " + std::to_string(e.line) + ": unknown option `" + word + "`; README.md lists them";
        return false;
    }
    return true;
}

bool parse_storage(std::string_view text, Storage& out) {
    for (int s = 0; s < kStorageCount; ++s)
        if (name_of(static_cast<Storage>(s)) == text) return out = static_cast<Storage>(s), true;
    return false;
}

bool apply_params(const Entry& e, std::optional<std::vector<ParamDecl>>& out, std::string& why) {
    out.emplace();
    if (trim(e.value) == "none") return true;
    for (const std::string& part : split_list(e.value)) {
        const size_t colon = part.rfind(':');
        ParamDecl d;
        if (colon == std::string::npos || !parse_storage(trim(std::string_view(part).substr(colon + 1)), d.type)) {
            why = "line " + std::to_string(e.line) + ": `" + part + "` is not `name: type`";
            return false;
        }
        d.name = trim(std::string_view(part).substr(0, colon));
        if (d.name.size() >= 2 && d.name.front() == '`' && d.name.back() == '`')
            d.name = d.name.substr(1, d.name.size() - 2);
        out->push_back(std::move(d));
    }
    return true;
}

std::optional<std::vector<Entry>> read_entries(const std::vector<std::string>& lines, std::string& why) {
    std::vector<Entry> entries;
    for (size_t i = 0; i < lines.size(); ++i) {
        const std::string& line = lines[i];
        const int number = static_cast<int>(i) + 1;
        if (line.starts_with("  ")) {
            if (entries.empty()) {
                why = "line " + std::to_string(number) + ": an indented line without an entry above it";
                return std::nullopt;
            }
            Entry& e = entries.back();
            if (!e.value.empty() || e.last_line > e.line) e.value += '\n';
            e.value += line.substr(2);
            e.last_line = number;
            continue;
        }
        if (trim(line).empty() || line.starts_with('#')) continue;
        size_t end = 0;
        while (end < line.size() && (std::islower(static_cast<unsigned char>(line[end])) != 0)) ++end;
        Entry e;
        e.key = line.substr(0, end);
        e.line = e.last_line = number;
        const bool known = std::find(std::begin(kKeys), std::end(kKeys), e.key) != std::end(kKeys);
        if (!known || (e.key != "ok" && (end >= line.size() || line[end] != ':'))) {
            why = "line " + std::to_string(number) + ": `" + line + "` is no entry; README.md lists the keys";
            return std::nullopt;
        }
        if (end < line.size()) e.value = trim(std::string_view(line).substr(end + 1));
        entries.push_back(std::move(e));
    }
    return entries;
}

}  // namespace

std::optional<CaseFile> read_case_file(const std::string& full_path, const std::string& shown_path, std::string& why) {
    CaseFile file;
    file.path = shown_path;
    std::ifstream in(full_path, std::ios::binary);
    if (!in) {
        why = "cannot be read";
        return std::nullopt;
    }
    for (std::string line; std::getline(in, line);) file.lines.push_back(line);
    if (file.lines.empty() || !file.lines[0].starts_with("# ")) {
        why = "line 1: the file must begin with a comment that says in words what it is about";
        return std::nullopt;
    }
    const auto entries = read_entries(file.lines, why);
    if (!entries) return std::nullopt;
    Options common;
    std::optional<std::vector<ParamDecl>> common_params;
    for (const Entry& e : *entries) {
        const bool in_case = !file.cases.empty();
        if (e.key == "test") {
            std::istringstream words(e.value);
            words >> file.kind >> file.pass;
        } else if (e.key == "expr" || e.key == "ir") {
            file.cases.push_back({e, common_params, common, {}});
        } else if (e.key == "options") {
            if (!apply_options(e, in_case ? file.cases.back().options : common, why)) return std::nullopt;
        } else if (e.key == "params") {
            if (!apply_params(e, in_case ? file.cases.back().params : common_params, why)) return std::nullopt;
        } else if (in_case) {
            file.cases.back().expectations.push_back(e);
        } else {
            why = "line " + std::to_string(e.line) + ": `" + e.key + ":` stands before the first `expr:` or `ir:`";
            return std::nullopt;
        }
    }
    for (const Case& c : file.cases) {
        if (!c.expectations.empty()) continue;
        why = "line " + std::to_string(c.source.line) + ": nothing is expected of this case (`ok` says so on purpose)";
        return std::nullopt;
    }
    static constexpr std::string_view kinds[] = {"run", "lang", "verify", "opt", "asm"};
    if (std::find(std::begin(kinds), std::end(kinds), file.kind) == std::end(kinds) || file.cases.empty()) {
        why = file.cases.empty() ? "holds no case (`expr:` or `ir:`)"
                                 : "needs `test:` run, lang, verify, opt <pass> or asm";
        return std::nullopt;
    }
    return file;
}

bool parse_run_line(std::string_view text, RunLine& out, std::string& why) {
    text = trim(text);
    // The arguments are the parenthesised list the line begins with.
    int depth = 0;
    size_t end = 0;
    for (; end < text.size(); ++end) {
        if (text[end] == '(' || text[end] == '[') ++depth;
        if ((text[end] == ')' || text[end] == ']') && --depth == 0) break;
    }
    if (!text.starts_with('(') || end == text.size()) return why = "a run line begins with `(arguments)`", false;
    out.arguments = split_list(text.substr(1, end - 1));
    std::string_view rest = trim(text.substr(end + 1));
    if (const size_t at = rest.find("leaving"); at != std::string_view::npos) {
        std::string_view list = trim(rest.substr(at + 7));
        if (!list.starts_with('(') || !list.ends_with(')')) return why = "`leaving` needs `(contents, …)`", false;
        out.leaving = split_list(list.substr(1, list.size() - 2));
        rest = trim(rest.substr(0, at));
    }
    if (rest.starts_with("==")) {
        rest = trim(rest.substr(2));
        if (rest.starts_with('(') && rest.ends_with(')'))
            out.results = split_list(rest.substr(1, rest.size() - 2));
        else
            out.results = {std::string(rest)};
        return true;
    }
    if (!rest.starts_with("fails")) return why = "after the arguments comes `== results` or `fails code`", false;
    out.fails = true;
    std::istringstream words{std::string(rest.substr(5))};
    words >> out.code;
    for (std::string word; words >> word;) {
        int64_t n = 0;
        if ((word != "at" && word != "site") || !(words >> n))
            return why = "unknown word `" + word + "` after the code", false;
        if (word == "at")
            out.index = n;
        else
            out.site = static_cast<uint32_t>(n);
    }
    if (out.code.empty()) return why = "`fails` needs a code", false;
    return true;
}

bool parse_error_line(std::string_view text, ErrorLine& out) {
    text = trim(text);
    if (!text.starts_with("EJ")) return false;
    const char* p = text.data() + 2;
    const char* end = text.data() + text.size();
    auto number = std::from_chars(p, end, out.code);
    if (number.ec != std::errc()) return false;
    std::string_view rest = trim({number.ptr, static_cast<size_t>(end - number.ptr)});
    if (!rest.empty() && std::isdigit(static_cast<unsigned char>(rest[0])) != 0) {
        Span s;
        auto a = std::from_chars(rest.data(), end, s.begin);
        if (a.ptr == end || *a.ptr != ':') return false;
        auto b = std::from_chars(a.ptr + 1, end, s.end);
        if (b.ec != std::errc()) return false;
        out.span = s;
        rest = trim({b.ptr, static_cast<size_t>(end - b.ptr)});
    }
    const auto quoted = [&](std::string& to) {
        if (!rest.starts_with('"')) return false;
        const size_t close = rest.find('"', 1);
        if (close == std::string_view::npos) return false;
        to = rest.substr(1, close - 1);
        rest = trim(rest.substr(close + 1));
        return true;
    };
    if (rest.starts_with('"') && !quoted(out.message)) return false;
    if (rest.starts_with("hint")) {
        rest = trim(rest.substr(4));
        if (!quoted(out.hint)) return false;
    }
    return rest.empty();
}

}  // namespace exprjit::filetests
