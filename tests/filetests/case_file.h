// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The text of a *.ej file, taken apart. The format is described in README.md beside this file.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ir/program.h"
#include "ir/verify.h"
#include "jit/compile.h"
#include "lang/front_end.h"
#include "opt/pipeline.h"

namespace exprjit::filetests {

// "key: value" with its continuation lines; lines are counted from 1.
struct Entry {
    std::string key;
    std::string value;
    int line = 0;       // of the key
    int last_line = 0;  // of the last continuation
};

struct ParamDecl {
    std::string name;
    Storage type;
};

struct Options {
    DivMode div_mode = DivMode::Error;
    Caret caret = Caret::Power;
    std::optional<Scalar> result;
    uint32_t flags = 0;
    Tier tier = Tier::Optimised;
    Isa isa = Isa::V3;
    EntryForm entry = EntryForm::Plain;  // which one `asm` lists, where it exists
    bool columns = true;
    bool literals = true;
    Trust trust = Trust::Border;  // `ir:` only: whose programs the verifier takes it for
    Limits limits;
};

// One text or program with what is expected of it.
struct Case {
    Entry source;  // key "expr" or "ir"
    std::optional<std::vector<ParamDecl>> params;
    Options options;
    std::vector<Entry> expectations;

    bool is_ir() const { return source.key == "ir"; }
    bool expects(std::string_view key) const {
        for (const Entry& e : expectations)
            if (e.key == key) return true;
        return false;
    }
};

struct CaseFile {
    std::string path;  // as shown in messages
    std::string kind;  // run, lang, verify, opt, asm
    std::string pass;  // of opt
    std::vector<Case> cases;
    std::vector<std::string> lines;  // the file, for --bless
};

// Reads a file; on a mistake in the file returns nothing and fills `why` ("line 7: …").
std::optional<CaseFile> read_case_file(const std::string& full_path, const std::string& shown_path, std::string& why);

// One run line taken apart: the tokens of its arguments, results, and array contents afterwards, or the failure.
struct RunLine {
    std::vector<std::string> arguments;
    std::vector<std::string> results;
    std::vector<std::string> leaving;
    bool fails = false;
    std::string code;
    std::optional<int64_t> index;
    std::optional<uint32_t> site;
};
bool parse_run_line(std::string_view text, RunLine& out, std::string& why);

// One error line: "EJ1203 5:8 "text" hint "text"".
struct ErrorLine {
    int code = 0;
    std::optional<Span> span;
    std::string message, hint;
};
bool parse_error_line(std::string_view text, ErrorLine& out);

// Splits at commas outside brackets and quotes; trims each part.
std::vector<std::string> split_list(std::string_view text);
std::string_view trim(std::string_view text);

}  // namespace exprjit::filetests
