// SPDX-License-Identifier: MIT OR Apache-2.0
//
// From text to numbers in C++17: a typed function, columns, structs, a reduction, and what a mistake looks like.
//
//     c++ -std=c++17 quickstart.cpp $(pkg-config --cflags --libs exprjit) -o quickstart
#include <exprjit/exprjit.hpp>

#include <iostream>

struct hour {
    const char* time;
    float temperature;  // degrees Celsius
    float wind;         // metres per second
    double felt;
};

int main() {
    const exprjit::engine engine;  // the process's shared one

    // The signature is C++; the names are the text's. Calling it runs the machine code, nothing in between.
    auto distance = engine.compile<double(double, double)>("sqrt(x*x + y*y)", {"x", "y"});
    std::cout << "distance(3, 4) = " << distance(3, 4) << "\n";

    // Vectors, arrays and spans are columns; a number stands for all rows.
    const std::vector<double> x = {3, 5, 8}, y = {4, 12, 15};
    std::vector<double> out(x.size());
    distance.eval(out, x, y);
    for (const double d : out) std::cout << "  " << d;
    std::cout << "\n";
    distance.eval(out, x, 0.5);

    // Fields of structs are columns, too: nothing is copied.
    std::vector<hour> hours = {{"07:00", 3.4f, 3.7f, 0}, {"13:00", 6.5f, 3.9f, 0}, {"22:00", -2.5f, 8.1f, 0}};
    auto chill = engine.compile<double(double, double)>(
        "let v = wind * 3.6; 13.12 + 0.6215*t + (0.3965*t - 11.37) * v**0.16", {"t", "wind"});
    chill.eval(exprjit::field(hours, &hour::felt), exprjit::field(hours, &hour::temperature),
               exprjit::field(hours, &hour::wind));
    for (const hour& h : hours) std::cout << h.time << "  " << h.temperature << " C felt like " << h.felt << " C\n";

    // Several outputs, reduced over the rows.
    auto summary = engine.compile<std::tuple<double, double>(double)>("low = min(t); range = max(t) - min(t)", {"t"});
    const auto [low, range] = summary.reduce(exprjit::field(hours, &hour::temperature));
    std::cout << "lowest " << low << " C, range " << range << " C\n";

    try {
        engine.compile<double(double)>("sqroot(x) + 3 * (x", {"x"});
    } catch (const exprjit::error& e) {
        std::cout << e.render();
    }
}
