// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What the server counts. Labels are method names and status codes, never anything a client chose.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace exprjit::server {

enum class Method { kCompile, kEvaluate, kEvaluateStream, kExplain, kListFunctions, kGetServerInfo };
inline constexpr size_t kMethodCount = 6;
const char* method_name(Method method);

class Metrics {
  public:
    Metrics();
    ~Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    void count_call(Method method, int code);
    void count_batch(int64_t rows, size_t bytes_in, size_t bytes_out);
    void observe_queue(int64_t ns);
    void observe_run(int64_t ns);
    void observe_compile(int64_t ns);
    void count_connection(bool accepted);

    // A value that is read when somebody asks for the metrics. To be called before the first `text`.
    void add_gauge(const std::string& name, const std::string& help, std::function<double()> read);
    // Prometheus's text format.
    std::string text();

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace exprjit::server
