// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The command line after parsing, and nothing else: what the words mean is decided by the commands.
#pragma once

#include <string>
#include <vector>

#include "messages.h"
#include "status.h"

namespace exprjit::cli {

struct Options {
    std::string command;  // "eval", ...; empty: none was given

    // The expression, and what it is compiled with.
    bool has_expression = false;
    std::string expression;
    std::vector<std::string> definitions;  // -D name[:type]=value
    std::vector<std::string> parameters;   // --param name:type
    std::vector<std::string> functions;    // --function "f(x) = ..."
    ej_isa isa = EJ_ISA_AUTO;
    ej_accuracy accuracy = EJ_ACCURACY_1ULP;
    ej_tier tier = EJ_TIER_AUTO;
    ej_div_mode div_mode = EJ_DIV_ERROR;
    ej_caret caret = EJ_CARET_POWER;
    uint32_t flags = 0;

    // eval
    std::string file;                     // -f; "-" is standard input
    std::string csv;                      // --csv; "-" is standard input
    std::string out;                      // --out; empty or "-" is standard output
    std::vector<std::string> as;          // --as, once per output
    std::vector<std::string> null_words;  // --null
    char delimiter = ',';

    // ir
    std::string dump_after;
    bool optimised_ir = false;
    std::string from;   // --from, of asm too; "-" is standard input
    std::string bytes;  // --bytes; "-" is standard output

    // asm
    bool columns = false;

    std::string filter;  // functions
    bool json = false;

    ColourChoice colour = ColourChoice::kAuto;
    bool quiet = false;
    bool verbose = false;
};

// What the command line asks for besides running a command.
struct ParsedCommandLine {
    Status status;          // a usage error, with its text
    std::string help_text;  // what to print on standard output instead of running a command; empty otherwise
    Options options;
};

// Parses the command line. Never writes anything and never exits.
ParsedCommandLine parse_command_line(int argc, char** argv);

}  // namespace exprjit::cli
