// SPDX-License-Identifier: MIT OR Apache-2.0
#include "program_file.h"

#include "csv_source.h"
#include "output.h"

namespace exprjit::cli {
namespace {

Status read_whole(CsvSource& source, size_t limit, std::string& contents) {
    constexpr size_t kPiece = size_t(64) << 10;
    for (size_t got = kPiece; got != 0;) {
        const size_t size = contents.size();
        contents.resize(size + kPiece);
        const Status status = source.read(contents.data() + size, kPiece, got);
        contents.resize(size + got);
        if (!status.ok()) {
            return status;
        }
        if (contents.size() > limit) {
            return failure(kExitLimit, source.name() + " has more than " + std::to_string(limit) + " bytes",
                           "exprjit info shows the limits");
        }
    }
    return {};
}

bool is_bytes(const std::string& contents) { return contents.compare(4, 4, "EJIR") == 0; }

}  // namespace

Status compile_file(ej_engine* engine, const Options& options, const CompileRequest& request, Kernel& kernel) {
    CsvSource source;
    std::string contents;
    Status status = source.open(options.from);
    status = status.ok() ? read_whole(source, EngineLimits().max_text_bytes, contents) : status;
    if (!status.ok()) {
        return status;
    }
    CompileRequest of_file = request;
    of_file.text = contents;
    of_file.form = contents.size() >= 8 && is_bytes(contents) ? ProgramForm::kBytes : ProgramForm::kIr;
    of_file.source_name = source.name().c_str();
    return compile(engine, options, of_file, kernel);
}

Status write_bytes(const ej_kernel* kernel, const std::string& path) {
    uint8_t* bytes = nullptr;
    size_t size = 0;
    ej_error* error = nullptr;
    const ej_status encoded = ej_kernel_encode(kernel, &bytes, &size, &error);
    if (encoded != EJ_OK) {
        return library_failure(encoded, error, Phase::kRun);
    }
    const std::string contents(reinterpret_cast<const char*>(bytes), size);
    ej_bytes_free(bytes);
    const bool to_file = path != "-";
    ReplacedFile file;
    Status status = to_file ? file.open(path) : Status{};
    if (!status.ok()) {
        return status;
    }
    Output output = to_file ? Output(file.descriptor(), path) : standard_output();
    output.append(contents);
    status = output.finish();
    return status.ok() && to_file ? file.commit() : status;
}

}  // namespace exprjit::cli
