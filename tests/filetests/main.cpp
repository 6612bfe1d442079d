// SPDX-License-Identifier: MIT OR Apache-2.0
//
// exprjit_test_filetests [--filter TEXT] [--bless] [googletest options] [files]
// Each *.ej file below tests/filetests is one test; README.md there describes the format.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "runner.h"

namespace {

using namespace exprjit;
namespace fs = std::filesystem;

bool bless = false;

// Replaces the listing entries of `file` by the blessed texts, last one first so that line numbers stay true.
void write_blessed(const std::string& path, filetests::CaseFile& file,
                   std::vector<std::pair<const filetests::Entry*, std::string>> blessed) {
    std::sort(blessed.begin(), blessed.end(),
              [](const auto& a, const auto& b) { return a.first->line > b.first->line; });
    for (const auto& [entry, text] : blessed) {
        std::vector<std::string> lines{"listing:"};
        size_t start = 0;
        while (start <= text.size()) {
            const size_t end = std::min(text.find('\n', start), text.size());
            lines.push_back("  " + text.substr(start, end - start));
            start = end + 1;
        }
        const auto first = file.lines.begin() + entry->line - 1;
        file.lines.erase(first, file.lines.begin() + entry->last_line);
        file.lines.insert(file.lines.begin() + entry->line - 1, lines.begin(), lines.end());
    }
    std::ofstream out(path, std::ios::binary);
    for (const std::string& line : file.lines) out << line << "\n";
    std::printf("blessed %s\n", path.c_str());
}

class FileTest : public ::testing::Test {
  public:
    FileTest(std::string path, std::string shown) : path_(std::move(path)), shown_(std::move(shown)) {}

    void TestBody() override {
        int reported = 0;
        const filetests::Report report = [&](int line, const std::string& message) {
            if (++reported > 5) return;  // the first ones say it
            GTEST_MESSAGE_AT_(shown_.c_str(), line, "", ::testing::TestPartResult::kNonFatalFailure)
                << message << "\n  again: exprjit_test_filetests --filter " << shown_;
        };
        std::string why;
        auto file = filetests::read_case_file(path_, shown_, why);
        if (!file) return report(1, why);
        std::vector<std::pair<const filetests::Entry*, std::string>> blessed;
        for (const filetests::Case& c : file->cases) {
            const Result<Program> compiled = filetests::front_end(c);
            if (!filetests::check_front_end(c, compiled, report)) continue;
            std::string text;
            filetests::check_listing(*file, c, compiled.value(), bless, &text, report);
            if (!text.empty())
                for (const filetests::Entry& e : c.expectations)
                    if (e.key == "listing") blessed.emplace_back(&e, text);
            filetests::check_runs(c, compiled.value(), report);
        }
        if (!blessed.empty()) write_blessed(path_, *file, blessed);
    }

  private:
    std::string path_, shown_;
};

void register_file(const fs::path& path, const std::string& shown) {
    std::string suite = path.parent_path().filename().string();
    std::string name = path.stem().string();
    for (char& c : name)
        if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
    ::testing::RegisterTest(suite.c_str(), name.c_str(), nullptr, nullptr, shown.c_str(), 1,
                            [full = path.string(), shown]() -> FileTest* { return new FileTest(full, shown); });
}

}  // namespace

int main(int argc, char** argv) {
    ::testing::InitGoogleTest(&argc, argv);
    std::string filter;
    std::vector<std::string> files;
    for (int i = 1; i < argc; ++i) {
        const std::string arg = argv[i];
        if (arg == "--bless")
            bless = true;
        else if (arg == "--filter" && i + 1 < argc)
            filter = argv[++i];
        else if (!arg.starts_with("-"))
            files.push_back(arg);
        else
            return std::fprintf(stderr, "unknown option %s; use --filter TEXT, --bless, or file names\n", arg.c_str()),
                   2;
    }
    if (files.empty()) {
        const fs::path root = fs::path(EXPRJIT_SOURCE_DIR) / "tests" / "filetests";
        std::vector<fs::path> found;
        for (const auto& entry : fs::recursive_directory_iterator(root))
            if (entry.path().extension() == ".ej") found.push_back(entry.path());
        std::sort(found.begin(), found.end());
        int registered = 0;
        for (const fs::path& p : found) {
            const std::string shown = fs::relative(p, root).generic_string();
            if (shown.find(filter) == std::string::npos) continue;
            register_file(p, shown);
            ++registered;
        }
        if (registered == 0) return std::fprintf(stderr, "no *.ej file matches `%s`\n", filter.c_str()), 2;
    } else {
        for (const std::string& f : files) register_file(f, f);
    }
    return RUN_ALL_TESTS();
}
