// SPDX-License-Identifier: MIT OR Apache-2.0
#include "options.h"

#include <algorithm>

#include <CLI/CLI.hpp>

#include "option_words.h"
#include "suggest.h"

namespace exprjit::cli {
namespace {

// Description, examples, and only then the options: people read the top.
class ExamplesFirst : public CLI::Formatter {
  public:
    std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const override {
        if (mode == CLI::AppFormatMode::Sub) {
            return make_expanded(app);
        }
        const std::string full_name = app->get_parent() != nullptr ? "exprjit " + app->get_name() : name;
        return app->get_description() + "\n\nExamples:\n" + app->get_footer() + "\n" + make_usage(app, full_name) +
               make_positionals(app) + make_groups(app, mode) + make_subcommands(app, mode);
    }
};

constexpr const char* kMainExamples = "  exprjit eval 'a*b + c' -D a=3 -D b=4 -D c=5\n"
                                      "  exprjit eval 'sqrt(x^2 + y^2)' --csv points.csv --out far.csv --as distance\n"
                                      "  exprjit asm 'a*b + c'\n";
constexpr const char* kEvalExamples =
    "  exprjit eval '2^0.5'\n"
    "  exprjit eval 'a*b + c' -D a=3 -D b=4 -D c=5\n"
    "  exprjit eval -f expressions.txt -D x=0.5\n"
    "  exprjit eval 'bmi(80, 1.8)' --function 'bmi(kg, m) = kg / m**2'\n"
    "  exprjit eval '`wind speed` * 3.6' --csv weather.csv --as kmh > out.csv\n"
    "  exprjit eval 'km = miles * 1.609344; h = minutes / 60' --csv trips.csv --out trips.csv\n";

// Marks an argument that begins with a minus and is an expression, so that the parser does not take it for an option.
constexpr char kExpressionMark = '\x01';

void add_message_options(CLI::App* app, Options& options, OptionWords& words) {
    app->add_flag("-q,--quiet", options.quiet, "No progress, rates or notes: errors only")->group("Messages");
    app->add_flag("-v,--verbose", options.verbose, "Say more about what is done")->group("Messages");
    app->add_option("--color,--colour", words.color, "auto, always or never (also: NO_COLOR)")
        ->type_name("WHEN")
        ->group("Messages");
}

void add_expression(CLI::App* app, Options& options) {
    app->add_option("expression", options.expression, "The expression")->type_name("EXPR");
}

void add_compile_options(CLI::App* app, Options& options, OptionWords& words) {
    app->add_option("-D,--define", options.definitions,
                    "A variable: 3 is an i64, 3.5 an f64, true a bool; name:f32=3 for another type (repeat)")
        ->type_name("NAME=VALUE")
        ->allow_extra_args(false);
    app->add_option("--param", options.parameters, "The type of a variable or column: bool i32 i64 f32 f64 (repeat)")
        ->type_name("NAME:TYPE")
        ->allow_extra_args(false);
    app->add_option("--function", options.functions, "A function of your own: 'f(x, y) = x*y + 1' (repeat)")
        ->type_name("DEFINITION")
        ->allow_extra_args(false);
    app->add_option("--div", words.div, "Integer division by zero: error (default), or zero as its result")
        ->type_name("MODE");
    app->add_option("--caret", words.caret, "What ^ means: power (default), xor, or strict")->type_name("MODE");
    app->add_option("--accuracy", words.accuracy,
                    "Of exp, sin, pow, ...: 1ulp (default), or fast: up to 4 units in the last place")
        ->type_name("MODE");
    app->add_option("--fast", words.fast, "Allow changes of rounding: contract, reassoc, or both with a comma")
        ->type_name("FLAGS");
    app->add_option("--isa", words.isa, "The x86-64 level: v2, v3, v4 or auto (default)")->type_name("LEVEL");
    app->add_option("--tier", words.tier, "interpreter, baseline, optimised or auto (default)")->type_name("TIER");
}

void add_from(CLI::App* app, Options& options) {
    app->add_option("--from", options.from,
                    "Instead of an expression: IR bytes or IR text in FILE (- is standard input)")
        ->type_name("FILE");
}

CLI::App* add_command(CLI::App& app, const char* name, const char* description, const char* examples) {
    CLI::App* command = app.add_subcommand(name, description);
    command->footer(examples);
    return command;
}

void build(CLI::App& app, Options& options, OptionWords& words) {
    app.formatter(std::make_shared<ExamplesFirst>());
    app.footer(kMainExamples);
    app.require_subcommand(0, 1);
    app.set_version_flag("--version", std::string());
    add_message_options(&app, options, words);

    CLI::App* eval = add_command(
        app, "eval", "Evaluate an expression, a file of them, or over the columns of a CSV file", kEvalExamples);
    add_expression(eval, options);
    add_compile_options(eval, options, words);
    eval->add_option("-f,--file", options.file, "Evaluate each line of FILE (- is standard input)")->type_name("FILE");
    eval->add_option("--csv", options.csv, "Evaluate over the columns of FILE (- is standard input)")
        ->type_name("FILE")
        ->group("CSV");
    eval->add_option("-o,--out", options.out, "Write to FILE, which appears whole or not at all")
        ->type_name("FILE")
        ->group("CSV");
    eval->add_option("--as", options.as, "Name of the new column (repeat for several results)")
        ->type_name("NAME")
        ->allow_extra_args(false)
        ->group("CSV");
    eval->add_option("--delimiter", words.delimiter, "The character between cells: , by default; tab or \\t for a tab")
        ->type_name("CHAR")
        ->group("CSV");
    eval->add_option("--null", options.null_words, "A text that means an empty cell, as NA (repeat)")
        ->type_name("TEXT")
        ->allow_extra_args(false)
        ->group("CSV");

    CLI::App* ir = add_command(app, "ir", "Show the program an expression becomes",
                               "  exprjit ir 'a*b + c'\n  exprjit ir 'x // 3' --param x:i64 --dump-after expand\n"
                               "  exprjit ir 'a*b + c' --bytes f.ejir\n  exprjit ir --from f.ejir\n");
    add_expression(ir, options);
    add_compile_options(ir, options, words);
    ir->add_option("--dump-after", options.dump_after, "Show it after this pass (exprjit info lists them)")
        ->type_name("PASS");
    ir->add_flag("--optimised,--opt", options.optimised_ir, "Show it after all passes");
    ir->add_option("--bytes", options.bytes, "Write it as IR bytes to FILE (- is standard output) and show nothing")
        ->type_name("FILE");
    add_from(ir, options);

    CLI::App* assembly = add_command(app, "asm", "Show the machine code of an expression",
                                     "  exprjit asm 'a*b + c'\n  exprjit asm 'a*b + c' --isa v2 --tier baseline\n"
                                     "  exprjit asm 'n % 7' --param n:i64 --dump-after simplify\n"
                                     "  exprjit asm 'sqrt(x*x + y*y)' --columns\n");
    add_expression(assembly, options);
    add_compile_options(assembly, options, words);
    assembly->add_option("--dump-after", options.dump_after, "First show the program after this pass")
        ->type_name("PASS");
    assembly->add_flag("--columns", options.columns, "Show the loops that run it over columns instead");
    add_from(assembly, options);

    CLI::App* check = add_command(app, "check", "Report every error of an expression; exit code 3 if there is one",
                                  "  exprjit check 'a * (b + '\n  exprjit check -f expressions.txt\n");
    add_expression(check, options);
    check->add_option("-f,--file", options.file, "Check each line of FILE (- is standard input)")->type_name("FILE");
    add_compile_options(check, options, words);

    CLI::App* info =
        add_command(app, "info", "Show version, CPU, limits and cache", "  exprjit info\n  exprjit info --json\n");
    info->add_flag("--json", options.json, "As JSON");

    CLI::App* functions = add_command(app, "functions", "List the functions and constants of the language",
                                      "  exprjit functions\n  exprjit functions atan2\n"
                                      "  exprjit functions trigonometry --json\n");
    functions->add_option("filter", options.filter, "A name, a category, or a text to look for")->type_name("FILTER");
    functions->add_flag("--json", options.json, "As JSON");

    CLI::App* bench = add_command(app, "bench", "Measure compiling and running an expression",
                                  "  exprjit bench 'a*b + c'\n  exprjit bench 'n // d' -D n=7 -D d=2 --json\n");
    add_expression(bench, options);
    add_compile_options(bench, options, words);
    bench->add_flag("--json", options.json, "As JSON");

    for (CLI::App* command : app.get_subcommands([](CLI::App*) { return true; })) {
        command->formatter(std::make_shared<ExamplesFirst>());
        add_message_options(command, options, words);
    }
}

std::vector<std::string> command_names(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
        names.push_back(command->get_name());
    }
    return names;
}

Status usage_error(const std::string& message, const std::string& command) {
    const std::string name = command.empty() ? "exprjit" : "exprjit " + command;
    return failure(kExitUsage, message, name + " --help shows the options");
}

Status unknown_command(const std::string& word, const CLI::App& app) {
    const std::vector<std::string> names = command_names(app);
    std::string listing;
    for (const std::string& name : names) {
        listing += (listing.empty() ? "" : ", ") + name;
    }
    const std::string near = nearest(word, names);
    const std::string way_out = near.empty() ? "the commands are " + listing + "; to evaluate: exprjit eval EXPR"
                                             : "did you mean 'exprjit " + near + "'?";
    return failure(kExitUsage, "there is no command '" + word + "'", way_out);
}

// The long options of a command, for a "did you mean".
std::string nearest_option(const std::string& word, const CLI::App* command) {
    std::vector<std::string> names;
    for (const CLI::Option* option : command->get_options()) {
        for (const std::string& name : option->get_lnames()) {
            names.push_back("--" + name);
        }
    }
    return nearest(word.substr(0, word.find('=')), names);
}

Status unexpected(const std::string& word, const CLI::App* command) {
    if (word.size() > 1 && word[0] == '-') {
        const std::string near = nearest_option(word, command);
        return failure(kExitUsage, "there is no option " + word,
                       near.empty() ? "exprjit " + command->get_name() +
                                          " --help shows the options; write -- before an expression that begins with -"
                                    : "did you mean " + near + "?");
    }
    return failure(kExitUsage, "'" + word + "' is one argument too many",
                   "put the whole expression in quotes: exprjit " + command->get_name() + " 'a + b'");
}

// What belongs together on the command line of one command.
Status check_combination(const CLI::App* command, Options& options) {
    const auto given = [command](const char* name) {
        const CLI::Option* option = command->get_option_no_throw(name);
        return option != nullptr && option->count() > 0;
    };
    options.has_expression = given("expression");
    const bool takes_expression = command->get_option_no_throw("expression") != nullptr;
    const bool takes_file = command->get_option_no_throw("--file") != nullptr;
    const bool takes_program = command->get_option_no_throw("--from") != nullptr;
    if (takes_expression && !options.has_expression && !given("--file") && !given("--from")) {
        return usage_error(takes_file      ? "an expression or -f FILE is needed"
                           : takes_program ? "an expression or --from FILE is needed"
                                           : "an expression is needed",
                           options.command);
    }
    if (given("--from") && (options.has_expression || given("--define") || given("--param"))) {
        return usage_error(options.has_expression ? "an expression and --from FILE exclude each other"
                                                  : "with --from FILE the types of parameters stand in the file",
                           options.command);
    }
    for (const char* name : {"--bytes", "--from"}) {
        if (given(name) && (std::string(name) == "--bytes" ? options.bytes : options.from).empty()) {
            return usage_error(std::string(name) + ": the name of the file is empty", options.command);
        }
    }
    if (given("--bytes") && (given("--dump-after") || given("--optimised"))) {
        return usage_error("--bytes writes the program before all passes: leave --dump-after and --optimised out",
                           options.command);
    }
    if (options.has_expression && given("--file")) {
        return usage_error("an expression and -f FILE exclude each other", options.command);
    }
    if (given("--file") && given("--csv")) {
        return usage_error("-f FILE and --csv exclude each other: with --csv there is one expression", options.command);
    }
    for (const char* name : {"--out", "--as", "--delimiter", "--null"}) {
        if (given(name) && !given("--csv")) {
            return usage_error(std::string(name) + " goes with --csv only", options.command);
        }
    }
    for (const char* name : {"--file", "--csv"}) {
        if (given(name) && (std::string(name) == "--file" ? options.file : options.csv).empty()) {
            return usage_error(std::string(name) + ": the name of the file is empty", options.command);
        }
    }
    if (given("--out") && options.out.empty()) {
        return usage_error("--out: the name of the file is empty", options.command);
    }
    if (options.quiet && options.verbose) {
        return usage_error("-q and -v exclude each other", options.command);
    }
    return {};
}

void unmark(std::string& text) {
    if (!text.empty() && text[0] == kExpressionMark) {
        text.erase(0, 1);
    }
}

void unmark_all(Options& options, OptionWords& words) {
    for (std::string* text : {&options.expression, &options.file, &options.csv, &options.out, &options.dump_after,
                              &options.from, &options.bytes, &options.filter, &words.color, &words.isa, &words.tier,
                              &words.div, &words.caret, &words.accuracy, &words.fast, &words.delimiter}) {
        unmark(*text);
    }
    for (auto* list :
         {&options.definitions, &options.parameters, &options.functions, &options.as, &options.null_words}) {
        std::for_each(list->begin(), list->end(), unmark);
    }
}

// The arguments, with those that begin with a minus and are no options marked: -2^2, -(a+b), -x.
std::vector<std::string> marked_arguments(int argc, char** argv) {
    constexpr std::string_view kShortOptions = "Dfoqvh";
    std::vector<std::string> arguments;
    bool only_expressions = false;  // after --
    for (int i = 1; i < argc; ++i) {
        std::string argument = argv[i];
        if (argument == "--" && !only_expressions) {
            only_expressions = true;
            continue;
        }
        if (only_expressions) {
            argument.insert(0, 1, kExpressionMark);
        } else if (argument.size() > 1 && argument[0] == '-' && argument[1] != '-' &&
                   kShortOptions.find(argument[1]) == std::string_view::npos) {
            argument.insert(0, 1, kExpressionMark);
        }
        arguments.push_back(argument);
    }
    if (!arguments.empty() && arguments[0] == "help") {  // `exprjit help eval` for those who try it
        arguments.erase(arguments.begin());
        arguments.emplace_back("--help");
    }
    return arguments;
}

}  // namespace

ParsedCommandLine parse_command_line(int argc, char** argv) {
    ParsedCommandLine parsed;
    Options& options = parsed.options;
    OptionWords words;
    CLI::App app{"exprjit: expressions to native code in microseconds", "exprjit"};
    build(app, options, words);
    const std::vector<std::string> arguments = marked_arguments(argc, argv);
    if (arguments.empty()) {
        parsed.status.exit_code = kExitUsage;
        parsed.status.text = app.get_description() + "\n\nExamples:\n" + kMainExamples + "\nCommands: ";
        for (const std::string& name : command_names(app)) {
            parsed.status.text += name + " ";
        }
        parsed.status.text += "\nMore: exprjit --help, exprjit COMMAND --help\n";
        return parsed;
    }
    const std::vector<std::string> names = command_names(app);
    std::string first_word = arguments[0];
    unmark(first_word);
    if (first_word.empty() || first_word[0] != '-' || arguments[0][0] == kExpressionMark) {
        if (std::find(names.begin(), names.end(), first_word) == names.end()) {
            parsed.status = unknown_command(first_word, app);
            return parsed;
        }
    }
    const auto current = [&app]() -> const CLI::App* {
        const auto chosen = app.get_subcommands();
        return chosen.empty() ? &app : chosen.back();
    };
    try {
        app.allow_extras();
        for (CLI::App* command : app.get_subcommands([](CLI::App*) { return true; })) {
            command->allow_extras();
        }
        app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));  // CLI11 takes them from the back
    } catch (const CLI::CallForHelp&) {
        parsed.help_text = app.help();
        return parsed;
    } catch (const CLI::CallForVersion&) {
        parsed.help_text = std::string("exprjit ") + EJ_VERSION_STRING + " (library " + ej_version() + ", ABI " +
                           std::to_string(ej_abi_version()) + ")\n";
        return parsed;
    } catch (const CLI::ParseError& error) {
        parsed.status = usage_error(error.what(), current() == &app ? "" : current()->get_name());
        return parsed;
    }
    unmark_all(options, words);
    const CLI::App* command = current();
    std::vector<std::string> extras = app.remaining(true);
    if (!extras.empty()) {
        unmark(extras[0]);
        const bool is_word = extras[0].empty() || extras[0][0] != '-';
        parsed.status = command == &app && is_word ? unknown_command(extras[0], app) : unexpected(extras[0], command);
        return parsed;
    }
    parsed.status = read_words(words, options);
    if (parsed.status.ok() && command == &app) {
        parsed.status = usage_error("a command is needed", "");
    } else if (parsed.status.ok()) {
        options.command = command->get_name();
        parsed.status = check_combination(command, options);
    }
    return parsed;
}

}  // namespace exprjit::cli
