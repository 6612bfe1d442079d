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
    if (rows_.empty()) {
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
    if (count == 0) {
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
        results_[i].resize(count * size);
        outputs.push_back(
            ej_column{results_[i].data(), static_cast<int64_t>(size), plan_.result_types[i], 0, nullptr, 0});
    }
    ej_run_options run{sizeof run, stop_word()};
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
    std::string& out = output_.buffer();
    size_t index = 0;
    for (const Row& row : rows_) {
        out.append(row.begin, row.body_end);
        if (row.kind != Kind::kBlankLine) {
            for (size_t i = 0; i < results_.size(); ++i) {
                out += options_.delimiter;
                if (row.kind == Kind::kValues) {
                    append_result(out, load_element(results_[i].data(), plan_.result_types[i], index));
                }
            }
            index += row.kind == Kind::kValues ? 1 : 0;
        }
        out.append(row.body_end, row.end);
        output_.end_record();
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
