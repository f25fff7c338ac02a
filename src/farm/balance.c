/* SPDX-License-Identifier: MIT */
/* Whether work is shared out before a map or handed out during it: settled by what maps took. */
#include "balance.h"

/* Hand-outs are tried where this much of the time is idle, and maps are longer than their messages take. */
static const double worth_share = 0.1, worth_s = 300e-6;
enum { TRIAL = 6, PATIENCE = 50, MOST_PATIENCE = 5000 };

bool evo_balance_is_dynamic(const struct evo_balance *balance, enum evo_farm_balance wish)
{
    switch (wish) {
    case EVO_BALANCE_AUTO: return balance->dynamic;
    case EVO_BALANCE_STATIC: return false;
    case EVO_BALANCE_DYNAMIC: return true;
    }
    return false;
}

static void change(struct evo_balance *balance)
{
    balance->dynamic = !balance->dynamic;
    balance->n_maps = 0;
}

/* Back to shares: another trial comes later each time. */
static void give_up(struct evo_balance *balance)
{
    balance->patience = balance->patience == 0 ? PATIENCE : 2 * balance->patience;
    if (balance->patience > MOST_PATIENCE) { balance->patience = MOST_PATIENCE; }
    balance->wait = balance->patience;
    change(balance);
}

void evo_balance_learn(struct evo_balance *balance, double items, double wall_s, double idle_s)
{
    if (!(wall_s > 0.0)) { return; }
    double trust = balance->n_maps == 0 ? 1.0 : 0.3, *rate = &balance->rate[balance->dynamic];
    *rate += trust * (items / wall_s - *rate);
    balance->idle_share += trust * (idle_s / wall_s - balance->idle_share);
    balance->n_maps++;
    if (balance->wait > 0) { balance->wait--; }
    if (balance->dynamic) {
        if (balance->n_maps >= TRIAL && *rate < balance->rate[0]) { give_up(balance); }
        return;
    }
    bool worth = balance->idle_share > worth_share && wall_s > worth_s;
    if (worth && balance->n_maps >= TRIAL && balance->wait == 0) { change(balance); }
}
