/* SPDX-License-Identifier: MIT */
/* evompi-compare: searches of pagmo2, which has no interface but C++. */
extern "C" {
#include "compare.h"
}

#include <cstdio>
#include <exception>
#include <utility>

#include <pagmo/algorithm.hpp>
#include <pagmo/algorithms/cmaes.hpp>
#include <pagmo/algorithms/de1220.hpp>
#include <pagmo/algorithms/sade.hpp>
#include <pagmo/population.hpp>
#include <pagmo/problem.hpp>

namespace {

struct flights {
    trial *of = nullptr;
    std::size_t n = 1;

    pagmo::vector_double fitness(const pagmo::vector_double &genome) const
    {
        return {trial_fly(of, genome.data())};
    }
    std::pair<pagmo::vector_double, pagmo::vector_double> get_bounds() const
    {
        return {pagmo::vector_double(n, -TRIAL_BOUND), pagmo::vector_double(n, TRIAL_BOUND)};
    }
};

/* Searches that end by themselves begin again from other starts, as long as there is budget. */
template <class Make> int search(trial *trial, std::uint64_t size, Make make)
{
    try {
        const pagmo::problem problem{flights{trial, trial->n}};
        for (std::uint64_t restart = 0; trial->evaluations + 2 * size <= trial->budget; restart++) {
            pagmo::population population{problem, 0, static_cast<unsigned>(trial->seed)};
            for (std::uint64_t k = 0; k < size; k++) {
                pagmo::vector_double start(trial->n);
                for (std::size_t i = 0; i < trial->n; i++) { start[i] = trial_start(trial, restart, k, i); }
                population.push_back(start);
            }
            const auto generations = static_cast<unsigned>((trial->budget - trial->evaluations) / size);
            const auto seed = static_cast<unsigned>(trial->seed * 1000 + restart);
            pagmo::algorithm algorithm{make(generations, seed)};
            population = algorithm.evolve(population);
        }
        return 0;
    } catch (const std::exception &error) {
        std::fprintf(stderr, "evompi-compare: pagmo2: %s\n", error.what());
        return -1;
    }
}

/* Differences this small end a search, and another begins. */
constexpr double TOLERANCE = 1e-9;

} // namespace

int compare_pagmo_cmaes(trial *trial)
{
    return search(trial, 256, [&](unsigned generations, unsigned seed) {
        const double sigma = trial->spread;
        return pagmo::cmaes(generations, -1, -1, -1, -1, sigma, TOLERANCE, TOLERANCE, false, false, seed);
    });
}

int compare_pagmo_sade(trial *trial)
{
    return search(trial, 100, [](unsigned generations, unsigned seed) {
        return pagmo::sade(generations, 2u, 1u, TOLERANCE, TOLERANCE, false, seed);
    });
}

int compare_pagmo_de1220(trial *trial)
{
    return search(trial, 100, [](unsigned generations, unsigned seed) {
        return pagmo::de1220(generations, pagmo::de1220_statics<void>::allowed_variants, 1u, TOLERANCE,
                             TOLERANCE, false, seed);
    });
}
