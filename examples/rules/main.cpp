// SPDX-License-Identifier: MIT OR Apache-2.0
//
// 1,000 formulas that users may change at any time, over an array of structs.
//
//     rules           writes a file of 1,000 rules and edits it while another thread evaluates them
//     rules FILE      evaluates the rules of FILE and loads it again whenever it changes, until interrupted
#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <stdexcept>
#include <thread>

#include <unistd.h>

#include "rule_book.hpp"

namespace {

using seconds = std::chrono::duration<double>;
using timer = std::chrono::steady_clock;

constexpr int kRules = 1000, kOrders = 10000, kEdits = 10;

std::vector<order> make_orders() {
    std::mt19937 random(1);
    std::vector<order> orders(kOrders);
    for (order& o : orders) {
        o = {double(random() % 50000) / 100,
             std::int32_t(random() % 100),
             float(random() % 3000) / 100,
             std::int32_t(random() % 20),
             random() % 4 == 0,
             0};
    }
    return orders;
}

std::string make_formula(std::mt19937& random) {
    const auto number = [&](unsigned below) { return std::to_string(random() % below); };
    switch (random() % 4) {
    case 0: return "price * quantity > " + number(40000) + " and earlier < " + number(20);
    case 1: return "is_express and weight > " + number(30) + ".5";
    case 2: return "abs(price - " + number(500) + ") < 25 or quantity == " + number(100);
    default: return "log(1 + price) * sqrt(quantity) > " + number(60);
    }
}

// Every rule over every order; returns how often one held.
std::int64_t evaluate(const rule_list& rules, std::vector<order>& orders) {
    using exprjit::field;
    const std::unique_ptr<bool[]> flags(new bool[orders.size()]);  // a vector of bool has no addresses
    const exprjit::span<bool> holds(flags.get(), orders.size());
    std::int64_t hits = 0;
    for (order& o : orders) o.hits = 0;
    for (const auto& r : rules) {
        r->holds.eval(holds, field(orders, &order::price), field(orders, &order::quantity),
                      field(orders, &order::weight), field(orders, &order::earlier), field(orders, &order::is_express));
        for (std::size_t i = 0; i < orders.size(); ++i) orders[i].hits += holds[i], hits += holds[i];
    }
    return hits;
}

void load(rule_book& book, const std::filesystem::path& path) {
    std::ifstream file(path);
    std::stringstream text;
    if (file.peek() != std::ifstream::traits_type::eof()) text << file.rdbuf();  // an empty one is no failure
    if (file.bad() || !file.is_open() || !text) throw std::runtime_error(path.string() + " cannot be read");
    const auto start = timer::now();
    const reload_report report = book.reload(path.filename().string(), text.str());
    const double took = seconds(timer::now() - start).count();
    std::printf("%zu rules, %zu of them compiled, in %.2f ms\n", report.rules, report.compiled, took * 1e3);
    for (const std::string& e : report.errors) std::fputs(e.c_str(), stdout);
    std::fflush(stdout);
}

void write(const std::filesystem::path& path, const std::vector<std::string>& formulas) {
    std::ofstream file(path);
    for (std::size_t i = 0; i < formulas.size(); ++i) file << "rule_" << i << ": " << formulas[i] << "\n";
}

void watch(const std::filesystem::path& path) {
    if (std::filesystem::is_directory(path))
        throw std::runtime_error(path.string() + " is a folder, not a file of rules");
    rule_book book;
    std::vector<order> orders = make_orders();
    for (std::filesystem::file_time_type seen{};;) {
        if (const auto changed = std::filesystem::last_write_time(path); changed != seen) {
            seen = changed;
            load(book, path);
            std::printf("%lld hits in %d orders\n", static_cast<long long>(evaluate(*book.current(), orders)), kOrders);
            std::fflush(stdout);  // whoever reads this through a pipe sees each round
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
}

void demonstrate(const std::filesystem::path& path) {
    std::mt19937 random(2);
    std::vector<std::string> formulas(kRules);
    for (std::string& f : formulas) f = make_formula(random);
    write(path, formulas);
    rule_book book;
    load(book, path);

    std::atomic<bool> is_over{false};
    std::int64_t evaluated = 0, hits = 0;
    double busy = 0;
    std::thread evaluator([&] {
        std::vector<order> orders = make_orders();
        do {
            const auto rules = book.current();
            const auto start = timer::now();
            hits = evaluate(*rules, orders);
            busy += seconds(timer::now() - start).count();
            evaluated += std::int64_t(rules->size()) * std::int64_t(orders.size());
        } while (!is_over);
    });
    for (int edit = 1; edit <= kEdits; ++edit) {
        for (int i = 0; i < 20; ++i) formulas[random() % kRules] = make_formula(random);
        if (edit == kEdits) formulas[500] = "price * quantty > 100";
        write(path, formulas);
        std::printf("edit %d: ", edit);
        load(book, path);
        std::this_thread::sleep_for(std::chrono::milliseconds(30));
    }
    is_over = true;
    evaluator.join();
    std::printf("meanwhile %.0f M rule evaluations per second on one thread, %lld hits in the last round\n",
                double(evaluated) / busy / 1e6, static_cast<long long>(hits));
}

}  // namespace

int main(int argc, char** argv) {
    try {
        if (argc > 1) {
            watch(argv[1]);
            return 0;
        }
        const auto folder = std::filesystem::temp_directory_path() / ("exprjit-rules-" + std::to_string(getpid()));
        std::filesystem::create_directory(folder);
        demonstrate(folder / "rules.txt");
        std::filesystem::remove_all(folder);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "rules: %s\n", e.what());
        return 1;
    }
}
