// SPDX-License-Identifier: MIT OR Apache-2.0
#include "generator.h"
#include "support/values.h"

namespace exprjit::differential {

trial::Arguments random_arguments(const Function& entry, trial::Random& random) {
    trial::Arguments out;
    for (const Param& p : entry.params) {
        if (!p.type.is_array()) {
            out.slots.push_back(trial::random_value(p.type.scalar(), random));
            continue;
        }
        trial::ArrayValue a;
        a.storage = p.type.storage();
        a.rank = p.type.rank();
        for (int d = 0; d < a.rank; ++d) a.length[d] = random.between(0, d == 0 ? 9 : 5);
        static constexpr int64_t spreads[] = {1, 1, 1, 2, 3, -1, -2};
        a.spread = random.pick(std::span<const int64_t>(spreads));
        const int bits = static_cast<int>(8 * byte_size(a.storage));
        for (int64_t n = a.count(); n-- > 0;) {
            const Scalar wide = widened(a.storage);
            uint64_t e = byte_size(wide) == byte_size(a.storage) ? trial::random_value(wide, random) : random.next();
            if (a.storage == Storage::Bool) e = random.one_in(4) ? random.next() : random.below(2);
            a.elements.push_back(e & UINT64_MAX >> (64 - bits));
        }
        out.slots.push_back(out.arrays.size());
        out.arrays.push_back(std::move(a));
    }
    return out;
}

}  // namespace exprjit::differential
