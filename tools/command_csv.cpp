// SPDX-License-Identifier: MIT OR Apache-2.0
//
// eval EXPR --csv FILE: two passes over the file, the first for the types of the columns it uses, the second to
// evaluate and write, one buffer of rows at a time. Reductions over rows need the whole table first.
#include <algorithm>

#include "commands.h"
#include "csv_batch.h"
#include "number_text.h"
#include "output.h"
#include "progress.h"

namespace exprjit::cli {
namespace {

constexpr std::string_view kBom = "\xef\xbb\xbf";

Status read_header(CsvReader& reader, const CsvSource& source, CsvRecord& record) {
    switch (reader.next(record)) {
    case CsvStep::kRecord: break;
    case CsvStep::kFailed: return reader.status();
    default:
        return failure(kExitFailed, source.name() + " is empty: there is no header line",
                       "the first line of the file names its columns");
    }
    const std::string_view body(record.begin, static_cast<size_t>(record.body_end - record.begin));
    if (body.find('"') == std::string_view::npos && body.find('\r') != std::string_view::npos) {
        return failure(kExitFailed, source.name() + ": its lines end in a carriage return alone",
                       "convert it first: tr '\\r' '\\n' < IN > OUT");
    }
    return {};
}

void write_header(std::string_view bom, std::string_view body, std::string_view terminator, const CsvPlan& plan,
                  char delimiter, Output& output) {
    output.append(bom);
    output.append(body);
    for (const std::string& name : plan.new_columns) {
        output.append(std::string_view(&delimiter, 1));
        append_cell(output.buffer(), name, delimiter);
    }
    output.append(terminator);
    output.end_record();
}

Status evaluate_rows(CsvReader& reader, const CsvSource& source, CsvBatch& batch, Output& output, Progress& progress) {
    CsvRecord record;
    for (;;) {
        Status status;
        switch (reader.next(record)) {
        case CsvStep::kRecord:
            status = batch.add(record);
            status = status.ok() && batch.full() ? batch.finish() : status;
            break;
        case CsvStep::kBatchEnd:
            status = batch.finish();
            if (status.ok() && !output.flush()) {  // a pipe is read as it comes, so its results go out as they come
                return output.finish();
            }
            progress.show("evaluating", batch.row_count(), reader.bytes_used(), source.size());
            break;
        case CsvStep::kEnd: return batch.finish();
        case CsvStep::kFailed: return reader.status();
        }
        if (!status.ok()) {
            return status;
        }
    }
}

// Of an expression that looks at all rows: reads them all and evaluates once; then, unless the results are single values,
// reads the file again and writes each row with its results.
Status evaluate_table(CsvReader& reader, const CsvSource& source, const CsvPlan& plan, CsvBatch& batch,
                      Progress& progress) {
    CsvRecord record;
    for (bool more = true; more;) {
        Status status;
        switch (reader.next(record)) {
        case CsvStep::kRecord: status = batch.add(record); break;
        case CsvStep::kBatchEnd: progress.show("reading", batch.row_count(), reader.bytes_used(), source.size()); break;
        case CsvStep::kEnd: more = false; break;
        case CsvStep::kFailed: return reader.status();
        }
        if (!status.ok()) {
            return status;
        }
    }
    Status status = batch.evaluate_all();
    if (status.ok() && plan.all_reduced()) {
        batch.write_reduced();
        return {};
    }
    status = status.ok() ? reader.rewind() : status;
    status = status.ok() ? read_header(reader, source, record) : status;
    while (status.ok()) {
        switch (reader.next(record)) {
        case CsvStep::kRecord: status = batch.write_next(record); break;
        case CsvStep::kBatchEnd: progress.show("writing", batch.row_count(), reader.bytes_used(), source.size()); break;
        case CsvStep::kEnd: return {};
        case CsvStep::kFailed: return reader.status();
        }
    }
    return status;
}

void say_summary(const Messages& messages, const CsvPlan& plan, const CsvBatch& batch, int64_t bytes, double seconds) {
    if (messages.quiet) {
        return;
    }
    const double time = seconds > 0 ? seconds : 1e-9;
    std::string line = grouped(batch.row_count()) + (batch.row_count() == 1 ? " row in " : " rows in ") +
                       three_digits(seconds) + " s (" + scaled(static_cast<double>(batch.row_count()) / time) +
                       " rows/s, " + three_digits(static_cast<double>(bytes) / time / 1e6) + " MB/s)";
    if (batch.null_count() > 0) {
        line += "; " + grouped(batch.null_count()) + (plan.all_reduced() ? " left out" : " without a result") +
                ", because a cell they need is empty";
    }
    say(messages, line + "\n");
}

void say_plan(const Messages& messages, const CsvPlan& plan) {
    for (const UsedColumn& column : plan.columns) {
        say_detail(messages, "column `" + column.name + "`: " + ej_dtype_name(column.type) +
                                 (column.declared ? " (declared)\n" : "\n"));
    }
    ej_kernel_info info{};
    info.struct_size = sizeof info;
    if (ej_kernel_get_info(plan.kernel.get(), &info) == EJ_OK) {
        say_detail(messages, std::string("kernel: ") + ej_kernel_signature(plan.kernel.get()) + ", " +
                                 tier_name(info.tier) + " tier, " + isa_name(info.isa) + ", " +
                                 std::to_string(info.code_bytes) + " bytes of code\n");
    }
}

}  // namespace

Status run_eval_csv(const Options& options, const Messages& messages) {
    Engine engine;
    Definitions definitions;
    CsvSource source;
    Status status = create_engine(messages, true, engine);
    status = status.ok() ? read_definitions(engine.get(), options, definitions) : status;
    status = status.ok() ? source.open(options.csv) : status;
    CsvReader reader(source, options.delimiter);
    CsvRecord header;
    status = status.ok() ? read_header(reader, source, header) : status;
    if (!status.ok()) {
        return status;
    }
    // The reader's buffer moves on before the header is written, so its bytes are copied.
    CsvPlan plan;
    plan.header = header_names(header);
    const std::string header_body(header.begin, header.body_end);
    const std::string header_end(header.terminator());

    Progress progress(messages);
    status = plan_columns(engine.get(), options, definitions, plan);
    if (!status.ok()) {
        return status;
    }
    // The types of columns are found in a first pass. Where all are declared, one pass will do, and a pipe is evaluated
    // as it comes.
    const bool find = std::any_of(plan.columns.begin(), plan.columns.end(),
                                  [](const UsedColumn& column) { return column.type == EJ_DTYPE_NONE; });
    if (find) {
        status = reader.prepare_second_pass();
        status = status.ok() ? find_types(engine.get(), options, reader, source, progress, plan) : status;
        status = status.ok() ? reader.rewind() : status;
        status = status.ok() ? read_header(reader, source, header) : status;
    }
    status = status.ok() ? compile_plan(engine.get(), options, plan) : status;
    if (status.ok() && plan.is_reducing && !find && !plan.all_reduced()) {
        status = reader.prepare_second_pass();
    }
    if (!status.ok()) {
        return status;
    }
    say_plan(messages, plan);

    const bool to_file = !options.out.empty() && options.out != "-";
    ReplacedFile file;
    status = to_file ? file.open(options.out) : status;
    if (!status.ok()) {
        return status;
    }
    Output output = to_file ? Output(file.descriptor(), options.out) : standard_output();
    if (!plan.all_reduced()) {
        write_header(reader.has_bom() ? kBom : "", header_body, header_end, plan, options.delimiter, output);
    }
    CsvBatch batch(options, source, plan, output);
    status = plan.is_reducing ? evaluate_table(reader, source, plan, batch, progress)
                              : evaluate_rows(reader, source, batch, output, progress);
    if (status.ok() && plan.rows_seen >= 0 && plan.rows_seen != batch.row_count()) {
        status = failure(kExitFailed, source.name() + " changed while it was being read", "run the command again");
    }
    // After a failure the header alone is of no use to anybody: what has not been written yet is dropped.
    status = status.ok() ? output.finish() : status;
    progress.clear();
    status = status.ok() && to_file ? file.commit() : status;
    if (status.ok()) {
        say_summary(messages, plan, batch, reader.bytes_used(), progress.seconds());
    }
    return status;
}

}  // namespace exprjit::cli
