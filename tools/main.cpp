// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The exprjit command line: parse, choose a command, report how it ended.
#include <exprjit/exprjit.h>

#include <new>
#include <string>

#include "commands.h"
#include "interrupt.h"
#include "messages.h"
#include "options.h"
#include "output.h"

namespace exprjit::cli {
namespace {

struct Command {
    const char* name;
    Status (*run)(const Options&, const Messages&);
};
constexpr Command kCommands[] = {{"eval", run_eval},   {"ir", run_ir},     {"asm", run_asm},
                                 {"check", run_check}, {"info", run_info}, {"functions", run_functions},
                                 {"bench", run_bench}};

Status run(const ParsedCommandLine& parsed, const Messages& messages) {
    if (!parsed.help_text.empty()) {
        Output output = standard_output();
        output.append(parsed.help_text);
        return output.finish();
    }
    if (!parsed.status.ok()) {
        return parsed.status;
    }
    if (ej_abi_version() != EJ_ABI_VERSION) {
        return failure(kExitFailed,
                       "this program was built for ABI " + std::to_string(EJ_ABI_VERSION) +
                           " of libexprjit and has been given ABI " + std::to_string(ej_abi_version()),
                       "install the exprjit program and library of the same version");
    }
    for (const Command& command : kCommands) {
        if (parsed.options.command == command.name) {
            return command.run(parsed.options, messages);
        }
    }
    return failure(kExitUsage, "there is no command '" + parsed.options.command + "'");
}

}  // namespace
}  // namespace exprjit::cli

int main(int argc, char** argv) {
    using namespace exprjit::cli;
    catch_interrupts();
    Messages messages;
    try {
        const ParsedCommandLine parsed = parse_command_line(argc, argv);
        messages = make_messages(parsed.options.colour, parsed.options.quiet, parsed.options.verbose);
        const Status status = run(parsed, messages);
        say(messages, status);
        return status.exit_code;
    } catch (const std::bad_alloc&) {
        say(messages, "error: out of memory\n");
        return kExitLimit;
    }
}
