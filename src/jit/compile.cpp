// SPDX-License-Identifier: MIT OR Apache-2.0
#include "jit/compile.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <vector>

#include "jit/allocate.h"
#include "jit/emit.h"
#include "jit/plan.h"
#include "jit/uses.h"
#include "support/ticks.h"

namespace exprjit {

namespace {

// Local arrays up to this size may be in a plain entry, which does not look at the stack's limit.
constexpr uint64_t kPlainLocalBytes = 1024;
constexpr uint32_t kPlainFrameBytes = 16 * 1024;

// What counts as small for the code buffer that stays, and room enough for any such program: the longest sequences (a
// local array, a failed check with its epilogue, 64-bit division of lanes on AVX2 with 400 bytes) stay well below this.
constexpr size_t kSmallProgram = 64;
constexpr size_t kMaxBytesPerNode = 512;
constexpr size_t kSmallBufferReserve = 4096;

// Scratch of programs larger than kLargeProgram stays as long as such programs keep coming, and goes back to the system after
// a number of small ones, so that one large program does not stay in every thread. Beyond kHugeProgram it goes at once.
constexpr size_t kLargeProgram = 16'384;
constexpr size_t kHugeProgram = 1'000'000;
constexpr uint8_t kSmallOnesBefore = 16;

// Emission errors are reported once, at the end: the assembler goes on, the code is thrown away. The handler must not
// throw, so the message has a fixed place.
class FirstError : public asmjit::ErrorHandler {
  public:
    void handleError(asmjit::Error code, const char* text, asmjit::BaseEmitter*) override {
        if (first != asmjit::kErrorOk) return;
        first = code;
        const size_t length = std::min(std::strlen(text), sizeof message - 1);
        std::memcpy(message, text, length);
    }
    asmjit::Error first = asmjit::kErrorOk;
    char message[128] = {};
};

// What one compile leaves for the next one on the same thread.
struct Scratch {
    asmjit::CodeHolder holder;
    jit::x86::Assembler assembler;
    jit::Uses uses;
    jit::Plan plan;
    jit::AllocatorScratch allocator;
    jit::EmitterScratch emitter;
    std::vector<uint8_t> buffer;
    bool is_large = false;  // it holds what a large program needed
    uint8_t small_since_large = 0;

    void forget() {
        is_large = false;
        uses = {};
        plan = {};
        allocator = {};
        emitter = {};
    }
};

// Leaves the scratch as the next compile expects it. When memory runs out in the middle, the holder still points to this
// call's error handler and logger, and half-made moves would end up in the next program's code: all of it is dropped.
class Tidy {
  public:
    Tidy(Scratch& s, size_t nodes) : s_(s), keep_(false), nodes_(nodes) {}
    ~Tidy() {
        if (nodes_ > kLargeProgram)
            s_.is_large = true, s_.small_since_large = 0;
        else if (s_.is_large)
            ++s_.small_since_large;
        const bool forget =
            !keep_ || nodes_ > kHugeProgram || (s_.is_large && s_.small_since_large == kSmallOnesBefore);
        s_.holder.reset(forget ? asmjit::ResetPolicy::kHard : asmjit::ResetPolicy::kSoft);
        if (forget) s_.forget();
    }
    Tidy(const Tidy&) = delete;
    Tidy& operator=(const Tidy&) = delete;
    void finished() { keep_ = true; }

  private:
    Scratch& s_;
    bool keep_;
    size_t nodes_;
};

Scratch& scratch() {
    static thread_local Scratch s;
    return s;
}

// Lanes of a whole vector at most, and of as many lanes as the level has for 64-bit or for 32-bit values.
bool fits_level(Type t, Isa isa) {
    if (isa < Isa::V3) return false;
    const int bytes = isa == Isa::V4 ? 64 : 32;
    const int lanes = t.lane_count();
    if (lanes != bytes / 8 && lanes != bytes / 4) return false;
    return t.scalar() == Scalar::Bool || lanes * static_cast<int>(byte_size(t.scalar())) <= bytes;
}

Failure unsupported(std::string message, std::string hint) {
    return fail(Status::Unsupported, 4101, std::move(message), std::move(hint));
}

}  // namespace

namespace {

// How often the nodes inside of loops run in all, as far as the program tells: a plain entry cannot be stopped, so that
// it is for loops that end soon by themselves.
class PlainWork {
  public:
    explicit PlainWork(const Function& f) : f_(f) {}

    // Counts the next node; false if it is too much, or nobody knows how much it is.
    bool takes(ValueId v) {
        const Node& n = f_[v];
        if (n.op == Op::EndFor) {
            times_ = outer_.back();
            outer_.pop_back();
            return true;
        }
        if (n.op == Op::For) {
            outer_.push_back(times_);
            const uint64_t trips = n.imm == kForUnpolled ? 1 : trips_of(v);
            if (times_ != 0 && trips > kMostRuns) return false;
            times_ *= trips;  // both are a million at most, or the first is 0
            if (times_ > kMostRuns) return false;
        }
        if (!outer_.empty()) runs_ += times_;
        return runs_ <= kMostRuns;
    }

  private:
    static constexpr uint64_t kMostRuns = 1'000'000;

    // At most.
    uint64_t trips_of(ValueId loop) const {
        const uint64_t trips = constant_trips(f_.operands(loop));
        return trips > 1 && !runs_again(loop) ? 1 : trips;
    }

    // Whether a way leads from the body to another trip: not where every one breaks.
    bool runs_again(ValueId loop) const {
        for (ValueId v = f_[loop].link; v-- > loop;) {
            if ((f_[v].op == Op::Yield || f_[v].op == Op::Continue) && f_[v].link == loop) return true;
        }
        return false;
    }

    // UINT64_MAX: not known.
    uint64_t constant_trips(std::span<const ValueId> operands) const {
        for (size_t k = 0; k < 3; ++k) {
            if (f_[operands[k]].op != Op::Const) return UINT64_MAX;
        }
        const auto value = [&](size_t k) { return static_cast<int64_t>(f_[operands[k]].imm); };
        const int64_t lo = value(0), hi = value(1), step = value(2);
        if (step == 0 || (step > 0 ? lo >= hi : lo <= hi)) return 0;
        const uint64_t from = static_cast<uint64_t>(lo), to = static_cast<uint64_t>(hi);
        const uint64_t distance = step > 0 ? to - from : from - to;
        const uint64_t stride = step > 0 ? static_cast<uint64_t>(step) : 0 - static_cast<uint64_t>(step);
        return (distance - 1) / stride + 1;
    }

    const Function& f_;
    std::vector<uint64_t> outer_;  // of each For around, how often it runs
    uint64_t times_ = 1;           // how often the next node runs
    uint64_t runs_ = 0;
};

}  // namespace

bool needs_context(const Function& f) {
    if (f.results.size() != 1) return true;
    uint64_t local_bytes = 0;
    PlainWork work(f);
    for (ValueId v = 0; v < f.size(); ++v) {
        const Node& n = f[v];
        if (n.op == Op::Check || n.op == Op::Call || jit::is_lanes(n.type) || !work.takes(v)) return true;
        // A loop runs again through a yield or continue only; the loops that early returns become have none.
        if ((n.op == Op::Yield || n.op == Op::Continue) && f[n.link].op == Op::Loop) return true;
        if (n.op == Op::Local) local_bytes += n.imm * byte_size(n.type.storage());
    }
    return local_bytes > kPlainLocalBytes;
}

Result<void> compile(const Program& program, const CompileOptions& options, Code& out) {
    const Function& f = program.entry();
    bool has_lanes = false;
    for (const Node& n : f.nodes) {
        if (n.op == Op::Load || n.op == Op::Store)  // lower_arrays leaves those only
            return unsupported("generated code does not load or store at lanes of indices",
                               "compile it for the interpreter tier, which runs it");
        if (!jit::is_lanes(n.type)) continue;
        has_lanes = true;
        if (!fits_level(n.type, options.isa) || options.form != EntryForm::Context)
            return unsupported("generated code does not handle " + to_string(n.type) + " values here",
                               "compile it for the interpreter tier, which runs it");
    }
    Scratch& s = scratch();
    s.uses.has_lanes = has_lanes;
    asmjit::Environment environment(asmjit::Arch::kX64);
    FirstError error;
    asmjit::StringLogger logger;
    Tidy tidy(s, f.size());
    if (s.holder.init(environment) != asmjit::kErrorOk) throw std::bad_alloc();
    s.holder.setErrorHandler(&error);
    if (options.listing) {
        logger.setFlags(asmjit::FormatFlags::kHexImms);
        s.holder.setLogger(&logger);
    }
    // Small programs are assembled in a buffer that stays; the holder would allocate and free one each time.
    asmjit::CodeBuffer& text = s.holder.textSection()->buffer();
    if (f.size() + f.lists.size() <= kSmallProgram && program.tables.empty()) {
        if (s.buffer.empty()) s.buffer.resize(kSmallProgram * kMaxBytesPerNode + kSmallBufferReserve);
        text._data = s.buffer.data();
        text._capacity = s.buffer.size();
        text._flags = asmjit::CodeBufferFlags::kIsExternal | asmjit::CodeBufferFlags::kIsFixed;
    }
    s.holder.attach(&s.assembler);

    const uint64_t t0 = ticks();
    jit::find_uses(f, options.isa, s.uses);
    const uint64_t t1 = ticks();
    jit::allocate(program, options, s.uses, s.plan, s.allocator);
    const bool has_slots = s.plan.spills != 0 || s.plan.has_rare_stores || s.uses.needs_slots;
    if (has_slots) jit::assign_slots(f, s.uses, options.isa, s.plan);
    const uint64_t t2 = ticks();
    jit::Emitter emitter(program, options, s.uses, s.plan, s.assembler, s.emitter);
    emitter.run();

    const asmjit::CodeBuffer& buffer = s.holder.textSection()->buffer();
    out.bytes.assign(buffer.data(), buffer.data() + buffer.size());
    out.entry = emitter.entry();
    out.alignment = 64;
    out.spills = s.plan.spills;
    out.frame_bytes = emitter.frame_bytes();
    out.listing = options.listing ? std::string(logger.data(), logger.dataSize()) : std::string();
    const bool unresolved = s.holder.hasUnresolvedLinks();
    tidy.finished();
    const uint64_t t3 = ticks();
    out.times = {t1 - t0, t2 - t1, t3 - t2};

    if (error.first == asmjit::kErrorOutOfMemory) throw std::bad_alloc();
    if (error.first != asmjit::kErrorOk || unresolved)
        return fail(Status::Internal, 9001, std::string("the assembler refused an instruction: ") + error.message,
                    "this is a bug in exprjit; please report it with the text");
    if (out.bytes.size() > options.max_code_bytes)
        return fail(Status::Limit, 4005,
                    "the machine code takes " + std::to_string(out.bytes.size()) +
                        " bytes; the limit max_code_bytes is " + std::to_string(options.max_code_bytes),
                    "split the program, or raise the engine's max_code_bytes");
    if (options.form == EntryForm::Plain && out.frame_bytes > kPlainFrameBytes)
        return fail(Status::NeedsContext, 4102, "the stack frame is too large for an entry without a stack check");
    return {};
}

}  // namespace exprjit
