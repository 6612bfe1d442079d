// SPDX-License-Identifier: MIT OR Apache-2.0
#include "csv_plan.h"

#include <algorithm>

#include "expression_names.h"

namespace exprjit::cli {
namespace {

// Names beyond those the expression mentions are declared only for the library's "did you mean"; a file with thousands
// of columns must not run into its limit on parameters.
constexpr size_t kMaxBystanders = 200;

bool is_usable_name(const std::string& name) { return !name.empty() && name.find('\0') == std::string::npos; }

bool declares(const std::vector<Variable>& variables, const std::string& name) {
    return std::any_of(variables.begin(), variables.end(), [&](const Variable& v) { return v.name == name; });
}

// Whether the language itself knows the name: such a text still means something when the column is taken away.
bool is_language_name(const std::string& name) {
    for (size_t i = 0; i < ej_function_count(); ++i) {
        ej_function_info info{};
        info.struct_size = sizeof info;
        if (ej_function_get(i, &info) == EJ_OK &&
            (name == info.name ||
             (" " + std::string(info.aliases) + " ").find(" " + name + " ") != std::string::npos)) {
            return true;
        }
    }
    return false;
}

bool has_type_diagnostic(const ej_error* error) {
    for (size_t i = 0; i < ej_error_count(error); ++i) {
        ej_diagnostic diagnostic{};
        diagnostic.struct_size = sizeof diagnostic;
        if (ej_error_get(error, i, &diagnostic) == EJ_OK && diagnostic.status == EJ_ERR_TYPE) {
            return true;
        }
    }
    return false;
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

// Whether the expression is good without these columns. A column whose type is not known yet is tried as a float and as
// an integer; in doubt the answer is no.
bool checks_without(ej_engine* engine, const Options& options, const CsvPlan& plan,
                    const std::vector<std::string>& without) {
    for (const ej_dtype unknown : {EJ_F64, EJ_I64}) {
        std::vector<Variable> variables;
        for (const UsedColumn& column : plan.columns) {
            if (!contains(without, column.name)) {
                variables.push_back(Variable{column.name, column.type == EJ_DTYPE_NONE ? unknown : column.type});
            }
        }
        for (const Definition& constant : plan.constants) {
            variables.push_back(Variable{constant.name, constant.value.type});
        }
        CompileRequest request;
        request.text = options.expression;
        request.variables = &variables;
        if (check_raw(engine, options, request, nullptr) == EJ_OK) {
            return true;
        }
    }
    return false;
}

// Takes these columns out of the plan if the expression does without them.
void drop_if_unused(ej_engine* engine, const Options& options, const std::vector<std::string>& names, CsvPlan& plan) {
    if (!names.empty() && checks_without(engine, options, plan, names)) {
        plan.columns.erase(std::remove_if(plan.columns.begin(), plan.columns.end(),
                                          [&](const UsedColumn& column) { return contains(names, column.name); }),
                           plan.columns.end());
    }
}

// A name that is mentioned need not be a column that is used: it may stand in a comment, or the text may give it a
// value of its own. Such a column must go, or its empty cells would empty the results. One called like a constant or a
// function stays, since without it the text would mean something else.
void drop_unused(ej_engine* engine, const Options& options, CsvPlan& plan) {
    std::vector<std::string> names, assigned;
    for (const UsedColumn& column : plan.columns) {
        if (!is_language_name(column.name)) {
            names.push_back(column.name);
            if (find_mention(options.expression, column.name).assigned) {
                assigned.push_back(column.name);
            }
        }
    }
    // Those first, and together: a declared name cannot be assigned, so with one of them left nothing would be good.
    drop_if_unused(engine, options, assigned, plan);
    for (const std::string& name : names) {
        drop_if_unused(engine, options, {name}, plan);
    }
}

Status name_taken(const std::string& name) {
    return failure(kExitUsage, "there is already a column called `" + name + "`", "name the new one with --as NAME");
}

Status check_names(ej_engine* engine, const Options& options, const Definitions& definitions, const CsvPlan& plan) {
    std::vector<Variable> variables = definitions.variables();
    for (const UsedColumn& column : plan.columns) {
        if (!declares(variables, column.name)) {
            variables.push_back(Variable{column.name, EJ_F64});
        }
    }
    size_t bystanders = 0;
    for (const std::string& name : plan.header) {
        const bool needless = find_mention(options.expression, name).found;  // found needless by drop_unused
        if (is_usable_name(name) && !needless && !declares(variables, name) && bystanders++ < kMaxBystanders) {
            variables.push_back(Variable{name, EJ_F64});
        }
    }
    CompileRequest request;
    request.text = options.expression;
    request.variables = &variables;
    ej_error* error = nullptr;
    // The true types are not known yet, so an error of types says nothing now; a text that is wrong with floats only in
    // its types is tried with integers, to see its other errors alone.
    ej_status status = check_raw(engine, options, request, &error);
    if (status != EJ_OK && has_type_diagnostic(error)) {
        ej_error_destroy(error);
        for (Variable& variable : variables) {
            variable.type = variable.type == EJ_F64 ? static_cast<ej_dtype>(EJ_I64) : variable.type;
        }
        status = check_raw(engine, options, request, &error);
    }
    if (status == EJ_OK || status == EJ_ERR_TYPE) {
        ej_error_destroy(error);
        return {};
    }
    const bool names_are_unknown = has_unknown_name(error);
    Status failed = library_failure(status, error, Phase::kCompile);
    if (names_are_unknown) {
        std::string names;
        for (size_t i = 0; i < plan.header.size() && i < 50; ++i) {
            names +=
                (i == 0 ? "" : ", ") + (is_identifier(plan.header[i]) ? plan.header[i] : quoted_name(plan.header[i]));
        }
        failed.text += "hint: the columns are " + names + (plan.header.size() > 50 ? ", ..." : "") + "\n";
        if (plan.header.size() == 1 && plan.header[0].find_first_of(";\t|") != std::string::npos) {
            failed.text += "hint: that is a single column; if another character separates the cells, name it with "
                           "--delimiter (';', tab, ...)\n";
        }
    }
    return failed;
}

}  // namespace

std::vector<std::string> header_names(const CsvRecord& record) {
    std::vector<std::string> names;
    std::string scratch;
    for (size_t i = 0; i < record.cell_count(); ++i) {
        names.emplace_back(unquoted_cell(record.raw_cell(i), scratch));
    }
    return names;
}

Status plan_columns(ej_engine* engine, const Options& options, const Definitions& definitions, CsvPlan& plan) {
    for (const Definition& definition : definitions.values) {
        plan.constants.push_back(definition);
    }
    std::string twice;
    for (size_t i = 0; i < plan.header.size(); ++i) {
        const std::string& name = plan.header[i];
        // -D wins over a column: who writes the one must not need to know all names of the other.
        if (!is_usable_name(name) || definitions.find(name) != nullptr ||
            !find_mention(options.expression, name).found) {
            continue;
        }
        UsedColumn column;
        column.name = name;
        column.index = i;
        for (const Variable& declared : definitions.parameters) {
            if (declared.name == name) {
                column.type = declared.type;
                column.declared = true;
            }
        }
        const auto same = [&](const UsedColumn& other) { return other.name == name; };
        if (std::any_of(plan.columns.begin(), plan.columns.end(), same)) {
            twice = twice.empty() ? name : twice;
        } else {
            plan.columns.push_back(column);
        }
    }
    drop_unused(engine, options, plan);
    for (const Variable& declared : definitions.parameters) {
        if (std::find(plan.header.begin(), plan.header.end(), declared.name) == plan.header.end()) {
            return failure(kExitUsage, "--param " + declared.name + ": there is no such column",
                           "with --csv, --param gives the type of a column");
        }
    }
    for (const std::string& name : options.as) {  // before a large file is read for nothing
        if (std::find(plan.header.begin(), plan.header.end(), name) != plan.header.end()) {
            return name_taken(name);
        }
    }
    if (Status status = check_names(engine, options, definitions, plan); !status.ok()) {
        return status;
    }
    const auto is_twice = [&](const UsedColumn& column) { return column.name == twice; };
    if (!twice.empty() && std::any_of(plan.columns.begin(), plan.columns.end(), is_twice)) {
        return failure(kExitFailed, "two columns are called `" + twice + "`, and the expression uses that name",
                       "rename one of them in the header line");
    }
    return {};
}

Status ragged_row(const std::string& file, const CsvRecord& record, size_t wanted) {
    const size_t count = record.cell_count();
    return failure(kExitFailed,
                   file + ", line " + std::to_string(record.line) + ": the row has " + std::to_string(count) +
                       (count == 1 ? " cell" : " cells") + ", the header has " + std::to_string(wanted),
                   "a cell that holds the delimiter must be in quotes; --delimiter names another delimiter");
}

Status find_types(ej_engine* engine, const Options& options, CsvReader& reader, const CsvSource& source,
                  Progress& progress, CsvPlan& plan) {
    std::vector<TypeGuess> guesses(plan.columns.size());
    CellText cells(options.null_words);
    CsvRecord record;
    int64_t rows = 0;
    for (bool more = true; more;) {
        switch (reader.next(record)) {
        case CsvStep::kRecord:
            if (record.cell_count() != plan.header.size()) {
                if (record.blank()) {
                    break;
                }
                return ragged_row(source.name(), record, plan.header.size());
            }
            ++rows;
            for (size_t i = 0; i < plan.columns.size(); ++i) {
                if (plan.columns[i].type == EJ_DTYPE_NONE) {
                    const std::string_view content = cells.content(record.raw_cell(plan.columns[i].index));
                    if (!cells.is_null(content)) {
                        guesses[i].see(content, record.line);
                    }
                }
            }
            break;
        case CsvStep::kBatchEnd: progress.show("finding types", rows, reader.bytes_used(), source.size()); break;
        case CsvStep::kEnd: more = false; break;
        case CsvStep::kFailed: return reader.status();
        }
    }
    plan.rows_seen = rows;
    for (size_t i = 0; i < plan.columns.size(); ++i) {
        if (plan.columns[i].type == EJ_DTYPE_NONE) {
            plan.columns[i].type = guesses[i].type();
        }
    }
    const std::vector<UsedColumn> before = plan.columns;
    drop_unused(engine, options, plan);  // again, now that the types are known
    for (const UsedColumn& column : plan.columns) {
        if (column.type == EJ_DTYPE_NONE) {
            const auto same = [&](const UsedColumn& other) { return other.name == column.name; };
            const auto at = std::find_if(before.begin(), before.end(), same) - before.begin();
            return no_type(source.name(), column, guesses[static_cast<size_t>(at)]);
        }
    }
    return {};
}

Status compile_plan(ej_engine* engine, const Options& options, CsvPlan& plan) {
    std::vector<Variable> variables;
    for (const UsedColumn& column : plan.columns) {
        variables.push_back(Variable{column.name, column.type});
    }
    for (const Definition& constant : plan.constants) {
        variables.push_back(Variable{constant.name, constant.value.type});
    }
    CompileRequest request;
    request.text = options.expression;
    request.variables = &variables;
    request.tier = EJ_TIER_OPTIMISED;  // it runs over many rows
    if (Status status = compile(engine, options, request, plan.kernel); !status.ok()) {
        return status;
    }
    const std::vector<Variable> outputs = outputs_of(plan.kernel.get());
    if (!options.as.empty() && options.as.size() != outputs.size()) {
        return failure(kExitUsage,
                       "the expression has " + std::to_string(outputs.size()) + " results, and --as is given " +
                           std::to_string(options.as.size()) + (options.as.size() == 1 ? " time" : " times"),
                       "give --as once for each result, in order");
    }
    plan.is_reducing = ej_kernel_is_reducing(plan.kernel.get()) != 0;
    for (size_t i = 0; i < outputs.size(); ++i) {
        const std::string name = !options.as.empty()       ? options.as[i]
                                 : outputs[i].name.empty() ? std::string("result")
                                                           : outputs[i].name;
        if (std::find(plan.header.begin(), plan.header.end(), name) != plan.header.end() ||
            std::find(plan.new_columns.begin(), plan.new_columns.end(), name) != plan.new_columns.end()) {
            return name_taken(name);
        }
        plan.new_columns.push_back(name);
        plan.result_types.push_back(outputs[i].type);
        ej_output_info info{};
        info.struct_size = sizeof info;
        plan.result_is_reduced.push_back(ej_kernel_get_output_info(plan.kernel.get(), i, &info) == EJ_OK &&
                                         info.is_reduced != 0);
    }
    return {};
}

}  // namespace exprjit::cli
