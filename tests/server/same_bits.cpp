// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What same_bits.c does, in C++17 on exprjit.hpp.
#include <exprjit/exprjit.hpp>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

int main(int argc, char** argv) {
    if (argc != 5) return 2;
    const auto rows = static_cast<std::size_t>(std::atoll(argv[3]));
    std::vector<double> x(rows), y(rows), out(rows);
    std::ifstream data(argv[2], std::ios::binary), texts(argv[1]);
    std::ofstream results(argv[4], std::ios::binary);
    data.read(reinterpret_cast<char*>(x.data()), static_cast<std::streamsize>(rows * sizeof(double)));
    data.read(reinterpret_cast<char*>(y.data()), static_cast<std::streamsize>(rows * sizeof(double)));
    if (!data || !texts || !results) return 2;
    const exprjit::engine engine;
    try {
        for (std::string line; std::getline(texts, line);) {
            const auto f = engine.compile<double(double, double)>(line.substr(2), {"x", "y"});
            std::size_t count = rows;
            if (line[0] == 'r') {
                out[0] = f.reduce(x, y);
                count = 1;
            } else {
                f.eval(out, x, y);
            }
            results.write(reinterpret_cast<const char*>(out.data()),
                          static_cast<std::streamsize>(count * sizeof(double)));
        }
    } catch (const exprjit::error& e) {
        std::cerr << e.render();
        return 1;
    }
    return results.good() ? 0 : 1;
}
