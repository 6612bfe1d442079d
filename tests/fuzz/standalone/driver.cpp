// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Runs a libFuzzer entry point without libFuzzer: the corpus first, then mutations of it from a seeded generator, --inputs
// many times EXPRJIT_FUZZ_TIMES, or until EXPRJIT_FUZZ_SECONDS are over. No coverage feedback; it is there so that every run
// of the tests feeds every entry point with something new. The same EXPRJIT_FUZZ_SEED (1 unless set) makes the same inputs on
// every machine, however fast. A crash writes the input to crash-<name>.bin and prints how to run it again; a single input is
// run by naming its file.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

namespace {

using Bytes = std::vector<uint8_t>;

// xorshift64*: the same sequence on every machine, so that a seed printed in one log repeats the run anywhere.
class Random {
  public:
    explicit Random(uint64_t seed) : state_(seed ? seed : 1) {}
    uint64_t next() {
        state_ ^= state_ >> 12, state_ ^= state_ << 25, state_ ^= state_ >> 27;
        return state_ * 0x2545F4914F6CDD1Dull;
    }
    size_t below(size_t bound) { return bound ? static_cast<size_t>(next() % bound) : 0; }

  private:
    uint64_t state_;
};

// What the signal handler needs; plain globals, since nothing else may be touched there.
const uint8_t *current_data = nullptr;
size_t current_size = 0;
char crash_path[256] = "crash-fuzz.bin";

void on_crash(int signal_number) {
    int file = open(crash_path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (file >= 0) {
        ssize_t written = write(file, current_data, current_size);
        (void)written;
        close(file);
    }
    static const char text[] = "\nfuzz: crashed; run the same program with this file to repeat it: ";
    ssize_t ignored = write(2, text, sizeof text - 1);
    ignored = write(2, crash_path, strlen(crash_path));
    ignored = write(2, "\n", 1);
    (void)ignored;
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

bool read_file(const std::string &path, Bytes &out) {
    FILE *file = fopen(path.c_str(), "rb");
    if (!file) return false;
    uint8_t block[65536];
    out.clear();
    for (size_t n; (n = fread(block, 1, sizeof block, file)) > 0;) out.insert(out.end(), block, block + n);
    fclose(file);
    return true;
}

void run(const Bytes &input) {
    // An exact copy on the heap, so that a sanitizer sees a read one past the end.
    auto *copy = static_cast<uint8_t *>(malloc(input.size() ? input.size() : 1));
    if (!copy) return;
    if (!input.empty()) memcpy(copy, input.data(), input.size());
    current_data = copy, current_size = input.size();
    LLVMFuzzerTestOneInput(copy, input.size());
    free(copy);
}

// One to four small changes: flip, replace, insert, delete, copy a piece from another input, a number at the edge of its type.
Bytes mutate(const std::vector<Bytes> &corpus, Random &random) {
    static const char *const kPieces[] = {"(",     ")",   ",",    "-9223372036854775808",
                                          "1e308", "nan", "0x",   "**",
                                          "//",    "%",   "<",    "?",
                                          ":",     "and", "let ", "in ",
                                          "\n",    "`",   "#",    "\"",
                                          "i32(",  "f32("};
    Bytes bytes = corpus[random.below(corpus.size())];
    for (size_t changes = 1 + random.below(4); changes > 0; changes--) {
        size_t at = random.below(bytes.size() + 1);
        auto place = bytes.begin() + static_cast<std::ptrdiff_t>(at);
        switch (random.below(6)) {
        case 0:
            if (at < bytes.size()) bytes[at] ^= static_cast<uint8_t>(1u << random.below(8));
            break;
        case 1:
            if (at < bytes.size()) bytes[at] = static_cast<uint8_t>(random.next());
            break;
        case 2: bytes.insert(place, static_cast<uint8_t>(32 + random.below(95))); break;
        case 3:
            bytes.erase(place, place + static_cast<std::ptrdiff_t>(std::min(random.below(8), bytes.size() - at)));
            break;
        case 4: {
            const Bytes &other = corpus[random.below(corpus.size())];
            size_t from = random.below(other.size()), length = std::min<size_t>(random.below(32), other.size() - from);
            bytes.insert(place, other.begin() + static_cast<std::ptrdiff_t>(from),
                         other.begin() + static_cast<std::ptrdiff_t>(from + length));
            break;
        }
        default: {
            const char *piece = kPieces[random.below(std::size(kPieces))];
            bytes.insert(place, piece, piece + strlen(piece));
        }
        }
    }
    if (bytes.size() > 4096) bytes.resize(4096);
    return bytes;
}

}  // namespace

int main(int argc, char **argv) {
    std::string name = "fuzz", corpus_folder;
    std::vector<std::string> files;
    uint64_t inputs = 20'000;
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--name") && i + 1 < argc)
            name = argv[++i];
        else if (!strcmp(argv[i], "--corpus") && i + 1 < argc)
            corpus_folder = argv[++i];
        else if (!strcmp(argv[i], "--inputs") && i + 1 < argc)
            inputs = strtoull(argv[++i], nullptr, 10);
        else
            files.push_back(argv[i]);
    }
    snprintf(crash_path, sizeof crash_path, "crash-%s.bin", name.c_str());
    for (int crash : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP}) signal(crash, on_crash);

    Bytes input;
    if (!files.empty()) {
        for (const std::string &path : files) {
            if (!read_file(path, input)) return fprintf(stderr, "fuzz: cannot read %s\n", path.c_str()), 1;
            run(input);
            printf("%s: ok\n", path.c_str());
        }
        return 0;
    }

    std::vector<Bytes> corpus;
    std::error_code error;
    for (const auto &entry : std::filesystem::directory_iterator(corpus_folder, error)) {
        if (entry.is_regular_file() && read_file(entry.path().string(), input)) corpus.push_back(input);
    }
    std::sort(corpus.begin(), corpus.end());  // the order of a directory is nobody's promise
    for (const Bytes &bytes : corpus) run(bytes);
    if (corpus.empty()) corpus.push_back({});

    const char *seconds_text = getenv("EXPRJIT_FUZZ_SECONDS"), *seed_text = getenv("EXPRJIT_FUZZ_SEED"),
               *times_text = getenv("EXPRJIT_FUZZ_TIMES");
    const double seconds = seconds_text ? atof(seconds_text) : 0;
    if (times_text) inputs *= strtoull(times_text, nullptr, 10);
    const uint64_t seed = seed_text ? strtoull(seed_text, nullptr, 10) : 1;
    const auto start = std::chrono::steady_clock::now();
    uint64_t runs = 0;
    const auto goes_on = [&] {
        if (!seconds_text) return runs < inputs;
        return runs % 16 != 0 ||
               std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() < seconds;
    };
    printf("%s: %zu inputs in the corpus, then EXPRJIT_FUZZ_SEED=%llu\n", name.c_str(), corpus.size(),
           static_cast<unsigned long long>(seed));
    fflush(stdout);
    Random random(seed);
    for (; goes_on(); runs++) {
        Bytes bytes = mutate(corpus, random);
        run(bytes);
        // Keep a little of what was made, so that later inputs are further from the corpus.
        if (random.below(64) == 0 && corpus.size() < 4096) corpus.push_back(std::move(bytes));
    }
    printf("%s: %llu inputs, no crash\n", name.c_str(), static_cast<unsigned long long>(runs));
    return 0;
}
