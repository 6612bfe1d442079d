// SPDX-License-Identifier: MIT OR Apache-2.0
//
// bench EXPR: what compiling and running this expression costs on this machine. Medians; nothing is compared.
#include <algorithm>
#include <chrono>

#include "bench_report.h"
#include "commands.h"
#include "definitions.h"
#include "interrupt.h"
#include "output.h"
#include "plain_call.h"

namespace exprjit::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kSecondsPerFigure = 0.15;

// The median time of one call of `work`, which does `count` things: as many samples as fit in the time, at least five.
// `work` returns false to give up; then `ns` stays as it is.
template <class Work>
bool median_ns(size_t count, double& ns, Work work, size_t most_samples = 10'000) {
    std::vector<double> samples;
    const Clock::time_point begin = Clock::now();
    do {
        const Clock::time_point start = Clock::now();
        if (!work() || interrupted() != 0) {
            return false;
        }
        samples.push_back(std::chrono::duration<double, std::nano>(Clock::now() - start).count());
    } while (samples.size() < 5 || (samples.size() < most_samples &&
                                    std::chrono::duration<double>(Clock::now() - begin).count() < kSecondsPerFigure));
    const auto middle = samples.begin() + static_cast<std::ptrdiff_t>(samples.size() / 2);
    std::nth_element(samples.begin(), middle, samples.end());
    ns = *middle / static_cast<double>(count);
    return true;
}

class Bench {
  public:
    Bench(const Options& options, const Definitions& definitions) : options_(options), definitions_(definitions) {
        variables_ = definitions.variables();
        request_.text = options.expression;
        request_.variables = definitions.empty() ? nullptr : &variables_;
        request_.tier = EJ_TIER_OPTIMISED;
    }

    Status run(const Messages& messages) {
        Engine uncached, cached;
        Kernel kernel;
        Status status = create_engine(messages, false, uncached);
        status = status.ok() ? create_engine(messages, true, cached) : status;
        for (ej_engine* engine : {uncached.get(), cached.get()})
            status = status.ok() ? define_functions(engine, options_) : status;
        status = status.ok() ? compile(cached.get(), options_, request_, kernel) : status;
        if (!status.ok()) {
            return status;
        }
        figures_.signature = ej_kernel_signature(kernel.get());
        figures_.info.struct_size = sizeof figures_.info;
        figures_.phases.struct_size = sizeof figures_.phases;
        ej_kernel_get_info(kernel.get(), &figures_.info);
        measure_compile(uncached.get(), cached.get());
        choose_arguments(kernel.get());
        status = measure_calls(kernel.get());
        for (size_t i = 0; status.ok() && i < std::size(kBenchRows); ++i) {
            status = measure_rows(kernel.get(), kBenchRows[i], figures_.row_ns[i]);
        }
        return status.ok() && interrupted() != 0 ? Status{kExitSignalBase + interrupted(), {}} : status;
    }

    const BenchFigures& figures() const { return figures_; }

  private:
    // Compiles `text` and lets it go again.
    bool compile_once(ej_engine* engine, std::string_view text, ej_timings* phases) {
        CompileRequest request = request_;
        request.text = text;
        ej_kernel* compiled = nullptr;
        if (compile_raw(engine, options_, request, &compiled, nullptr) != EJ_OK) {
            return false;
        }
        const Kernel kernel(compiled);
        if (phases != nullptr) {
            ej_kernel_get_timings(compiled, phases);
        }
        return true;
    }

    static int hit_kind(const ej_engine_stats& before, const ej_engine_stats& after) {
        return after.text_hits > before.text_hits ? 1 : after.canonical_hits > before.canonical_hits ? 2 : 0;
    }

    void measure_compile(ej_engine* uncached, ej_engine* cached) {
        median_ns(1, figures_.cold_ns, [&] { return compile_once(uncached, options_.expression, nullptr); });
        compile_once(uncached, options_.expression, &figures_.phases);  // warm, as the median is
        if (!hits(cached, options_.expression, 1)) {
            return;
        }
        median_ns(100, figures_.text_hit_ns, [&] {
            bool good = true;
            for (int i = 0; i < 100; ++i) {
                good = compile_once(cached, options_.expression, nullptr) && good;
            }
            return good;
        });
        // A text never seen before that is the same program: the expression with ever more blanks after it.
        std::string text = options_.expression + " ";
        if (hits(cached, text, 2)) {
            constexpr size_t kTexts = 500;  // more would measure the blanks
            text.reserve(text.size() + kTexts);
            const auto next_text = [&] {
                text += ' ';
                return compile_once(cached, text, nullptr);
            };
            median_ns(1, figures_.canonical_hit_ns, next_text, kTexts);
        }
    }

    // Whether compiling this text is answered from the cache in the way asked for, so that no figure gets a wrong name.
    bool hits(ej_engine* engine, std::string_view text, int kind) {
        ej_engine_stats before{}, after{};
        before.struct_size = after.struct_size = sizeof before;
        return ej_engine_get_stats(engine, &before) == EJ_OK && compile_once(engine, text, nullptr) &&
               ej_engine_get_stats(engine, &after) == EJ_OK && hit_kind(before, after) == kind;
    }

    void choose_arguments(const ej_kernel* kernel) {
        for (const Variable& parameter : parameters_of(kernel)) {
            const Definition* given = definitions_.find(parameter.name);
            given_.push_back(given != nullptr);
            arguments_.push_back(given != nullptr ? given->value : varied(parameter.type, 0));
        }
    }

    // Harmless values that are not all the same, where -D gives none: floats in [0.5, 2), integers from 1 to 100.
    static ej_value varied(ej_dtype type, int64_t row) {
        const int64_t integer = 1 + row % 100;
        const double number = 0.5 + static_cast<double>(row % 1000) * 0.0015;
        ej_value value = ej_i64(integer);
        if (type == EJ_F64 || type == EJ_F32) {
            convert_value(ej_f64(number), type, value);
        } else {
            convert_value(ej_i64(type == EJ_BOOL ? row & 1 : integer), type, value);
        }
        return value;
    }

    Status measure_calls(const ej_kernel* kernel) {
        std::vector<ej_value> results(ej_kernel_output_count(kernel), ej_i64(0));
        ej_error* error = nullptr;
        const ej_status status =
            ej_kernel_call(kernel, arguments_.data(), arguments_.size(), results.data(), results.size(), &error);
        if (status != EJ_OK) {
            return library_failure(status, error, Phase::kRun);
        }
        constexpr size_t kCalls = 1000;
        median_ns(kCalls, figures_.call_ns, [&] {
            bool good = true;
            for (size_t i = 0; i < kCalls; ++i) {
                good = ej_kernel_call(kernel, arguments_.data(), arguments_.size(), results.data(), results.size(),
                                      nullptr) == EJ_OK &&
                       good;
            }
            return good;
        });
        PlainCall plain;
        if (plain.prepare(kernel, arguments_)) {
            median_ns(kCalls, figures_.plain_ns, [&] {
                plain.run(kCalls);
                return true;
            });
        }
        return {};
    }

    Status measure_rows(const ej_kernel* kernel, int64_t rows, double& ns) {
        std::vector<std::vector<unsigned char>> input_bytes, output_bytes;
        std::vector<ej_column> inputs, outputs;
        for (size_t i = 0; i < arguments_.size(); ++i) {
            const ej_dtype type = arguments_[i].type;
            const size_t size = ej_dtype_size(type);
            std::vector<unsigned char> bytes(static_cast<size_t>(rows) * size);
            for (int64_t row = 0; row < rows; ++row) {
                const ej_value value = given_[i] ? arguments_[i] : varied(type, row);
                unsigned char* const to = bytes.data() + static_cast<size_t>(row) * size;
                if (type == EJ_BOOL) {
                    *to = value.as.b != 0 ? 1 : 0;
                } else {
                    std::copy_n(reinterpret_cast<const unsigned char*>(&value.as), size, to);
                }
            }
            input_bytes.push_back(std::move(bytes));
            inputs.push_back(ej_column{input_bytes.back().data(), static_cast<int64_t>(size), type, 0, nullptr, 0});
        }
        for (const Variable& output : outputs_of(kernel)) {
            const size_t size = ej_dtype_size(output.type);
            output_bytes.emplace_back(static_cast<size_t>(rows) * size);
            outputs.push_back(
                ej_column{output_bytes.back().data(), static_cast<int64_t>(size), output.type, 0, nullptr, 0});
        }
        ej_run_options run{};
        run.struct_size = sizeof run;
        run.stop = stop_word();
        ej_error* error = nullptr;
        ej_status status = EJ_OK;
        median_ns(static_cast<size_t>(rows), ns, [&] {
            status = ej_kernel_eval_with(kernel, &run, inputs.data(), inputs.size(), outputs.data(), outputs.size(),
                                         rows, &error);
            return status == EJ_OK;
        });
        return status == EJ_OK ? Status{} : library_failure(status, error, Phase::kRun);
    }

    const Options& options_;
    const Definitions& definitions_;
    std::vector<Variable> variables_;
    CompileRequest request_;
    std::vector<ej_value> arguments_;
    std::vector<bool> given_;
    BenchFigures figures_;
};

}  // namespace

Status run_bench(const Options& options, const Messages& messages) {
    Engine engine;
    Definitions definitions;
    Status status = create_engine(messages, true, engine);
    status = status.ok() ? read_definitions(engine.get(), options, definitions) : status;
    if (!status.ok()) {
        return status;
    }
    Bench bench(options, definitions);
    status = bench.run(messages);
    if (!status.ok()) {
        return status;
    }
    Output output = standard_output();
    output.append(options.json ? bench_json(options.expression, bench.figures()) : bench_text(bench.figures()));
    return output.finish();
}

}  // namespace exprjit::cli
