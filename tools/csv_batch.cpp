// SPDX-License-Identifier: MIT OR Apache-2.0
#include "csv_batch.h"

#include "interrupt.h"
#include "number_text.h"

namespace exprjit::cli {

CsvBatch::CsvBatch(const Options& options, const CsvSource& source, const CsvPlan& plan, Output& output)
    : options_(options), source_(source), plan_(plan), output_(output), cells_(options.null_words) {
    for (const UsedColumn& column : plan.columns) {
        inputs_.emplace_back(column.type);
    }
    results_.resize(plan.result_types.size());
    const std::string_view number_bytes = "+-.0123456789aefilnrstu";
    delimiter_in_numbers_ = number_bytes.find(options.delimiter) != std::string_view::npos;
}

Status CsvBatch::add(const CsvRecord& record) {
    Row row{record.begin, record.body_end, record.end, record.line, Kind::kValues};
    if (plan_.is_reducing) {  // the text will have left the buffer
        row.begin = row.body_end = row.end = nullptr;
    }
    if (record.cell_count() != plan_.header.size()) {
        if (!record.blank()) {
            return ragged_row(source_.name(), record, plan_.header.size());
        }
        row.kind = Kind::kBlankLine;
        rows_.push_back(row);
        return {};
    }
    ++row_count_;
    for (size_t i = 0; i < inputs_.size(); ++i) {
        const std::string_view content = cells_.content(record.raw_cell(plan_.columns[i].index));
        const bool null = cells_.is_null(content);
        if (!null && inputs_[i].append(content)) {
            continue;
        }
        if (!null) {
            return bad_cell(source_.name(), plan_.columns[i], content, record.line);
        }
        // The row is left out of the evaluation altogether, so that no stand-in value can cause an error.
        while (i > 0) {
            inputs_[--i].remove_last();
        }
        row.kind = Kind::kNull;
        ++null_count_;
        break;
    }
    rows_.push_back(row);
    return {};
}

Status CsvBatch::finish() {
    if (rows_.empty() || plan_.is_reducing) {
        return {};
    }
    if (Status status = evaluate(); !status.ok()) {
        return status;
    }
    write();
    rows_.clear();
    for (ColumnValues& input : inputs_) {
        input.clear();
    }
    return output_.ok() ? Status{} : output_.finish();
}

Status CsvBatch::evaluate() {
    size_t count = 0;
    for (const Row& row : rows_) {
        count += row.kind == Kind::kValues ? 1 : 0;
    }
    if (count == 0 && !plan_.is_reducing) {
        return {};
    }
    std::vector<ej_column> inputs, outputs;
    for (ColumnValues& input : inputs_) {
        inputs.push_back(input.column());
    }
    std::vector<Definition> constants = plan_.constants;
    for (Definition& constant : constants) {
        if (constant.value.type == EJ_BOOL) {
            const auto byte = static_cast<unsigned char>(constant.value.as.b != 0);
            constant.value.as.i64 = 0;
            *reinterpret_cast<unsigned char*>(&constant.value.as) = byte;  // in a column a bool is one byte
        }
        inputs.push_back(ej_column{&constant.value.as, 0, constant.value.type, 0, nullptr, 0});
    }
    for (size_t i = 0; i < results_.size(); ++i) {
        const size_t size = ej_dtype_size(plan_.result_types[i]);
        results_[i].resize((plan_.result_is_reduced[i] ? 1 : count) * size);
        outputs.push_back(
            ej_column{results_[i].data(), static_cast<int64_t>(size), plan_.result_types[i], 0, nullptr, 0});
    }
    ej_run_options run{};
    run.struct_size = sizeof run;
    run.stop = stop_word();
    ej_error* error = nullptr;
    const ej_status status = ej_kernel_eval_with(plan_.kernel.get(), &run, inputs.data(), inputs.size(), outputs.data(),
                                                 outputs.size(), static_cast<int64_t>(count), &error);
    return status == EJ_OK ? Status{} : failed_row(status, error);
}

// "in.csv, line 7, where a = 3 and b = 0", above what the library says.
Status CsvBatch::failed_row(ej_status status, ej_error* error) {
    int64_t wanted = error != nullptr ? ej_error_row(error) : -1;
    if (status == EJ_ERR_CANCELLED && interrupted() != 0) {
        ej_error_destroy(error);
        return Status{kExitSignalBase + interrupted(), {}};
    }
    Status failed = library_failure(status, error, Phase::kRun);
    const int64_t index = wanted;
    for (const Row& row : rows_) {
        if (wanted < 0 || row.kind != Kind::kValues || wanted-- != 0) {
            continue;
        }
        failed.text += source_.name() + ", line " + std::to_string(row.line);
        for (size_t i = 0; i < inputs_.size(); ++i) {
            failed.text += (i == 0 ? ": " : ", ") + plan_.columns[i].name + " = " +
                           value_text(inputs_[i].value(static_cast<size_t>(index)));
        }
        failed.text += '\n';
        break;
    }
    if (status == EJ_ERR_DIVIDE_BY_ZERO) {
        failed.text += "hint: --div zero makes the result 0 there\n";
    }
    return failed;
}

void CsvBatch::write() {
    size_t index = 0;
    for (const Row& row : rows_) {
        write_row(row, index);
    }
}

void CsvBatch::write_row(const Row& row, size_t& index) {
    std::string& out = output_.buffer();
    out.append(row.begin, row.body_end);
    if (row.kind != Kind::kBlankLine) {
        for (size_t i = 0; i < results_.size(); ++i) {
            out += options_.delimiter;
            if (row.kind == Kind::kValues) {
                const size_t element = plan_.result_is_reduced[i] ? 0 : index;
                append_result(out, load_element(results_[i].data(), plan_.result_types[i], element));
            }
        }
        index += row.kind == Kind::kValues ? 1 : 0;
    }
    out.append(row.body_end, row.end);
    output_.end_record();
}

Status CsvBatch::write_next(const CsvRecord& record) {
    if (next_row_ == rows_.size()) {
        return failure(kExitFailed, source_.name() + " changed while it was being read", "run the command again");
    }
    Row row = rows_[next_row_++];
    row.begin = record.begin, row.body_end = record.body_end, row.end = record.end;
    write_row(row, next_index_);
    return output_.ok() ? Status{} : output_.finish();
}

void CsvBatch::write_reduced() {
    std::string& out = output_.buffer();
    for (size_t i = 0; i < results_.size(); ++i) {
        if (results_.size() > 1 || plan_.new_columns[i] != "result") {
            out += plan_.new_columns[i] + " = ";
        }
        append_value(out, load_element(results_[i].data(), plan_.result_types[i], 0));
        out += '\n';
    }
}

void CsvBatch::append_result(std::string& out, const ej_value& value) {
    if (delimiter_in_numbers_) {
        append_cell(out, value_text(value), options_.delimiter);
    } else {
        append_value(out, value);
    }
}

}  // namespace exprjit::cli
