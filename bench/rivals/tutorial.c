/* The tutorial crisis by hand, for the limit: double precision, blocks of 256 worlds laid out one
 * quantity after another, so that the compiler turns every loop over worlds into vector code.
 *
 * What makes it fast, beyond that: only worlds with an opening decide, by a list of their numbers;
 * exp(1.1 * rung) is kept, since imagined events only lift the rung to a level; of a policy only
 * what an imagined move can change is worked out again; types of one precision share their
 * exponentials; exp and log are polynomials good to some 1e-14. None of it is general.
 *
 * With -DFED the dice come from a table (see common.py for the order), and worlds can be compared
 * with Offramp's one by one. `normal` sites then hold standard normal numbers.
 */
#ifdef __AVX512F__
#include <immintrin.h>
#endif
#include <math.h>
#include <stdint.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))
#define W 256
#define DAYS 90
#define ATOMS 10
#define BINS 101
#define NEVER 1e9
#define EACH for (int w = 0; w < W; w++)
#define OVER(n) _Pragma("GCC ivdep") for (int j = 0; j < (n); j++)

typedef double Row[W] __attribute__((aligned(64)));

enum {
    LINE, STEERING, LETHALITY, TEMPO, ZEAL, PRECISION, MOOD_V, MOOD_K, ONCE,
    FOG = ONCE, WAR, OPENS_V, OPENS_K, OPENS_S, CHOOSES_V, CHOOSES_K, CHOOSES_S, SWARMS, FOGGY,
    SIGNED, CONSENTS, ELECTED, CROWN, HARBOUR, FREE_LIST, WILLING, WAVERING, VETOED, SITES
};

/* ---- exp, log, cosine ------------------------------------------------------------------- */

INLINE double bits(int64_t i) { double x; memcpy(&x, &i, 8); return x; }
INLINE int64_t whole(double x) { int64_t i; memcpy(&i, &x, 8); return i; }

INLINE double vexp(double x)
{
    x = x < -700 ? -700 : x;
    x = x > 700 ? 700 : x;
    double k = __builtin_rint(x * 1.4426950408889634);
    double r = x - k * 0.69314718055994530942;
    double y = 1.0 / 39916800;
    y = y * r + 1.0 / 3628800;
    y = y * r + 1.0 / 362880;
    y = y * r + 1.0 / 40320;
    y = y * r + 1.0 / 5040;
    y = y * r + 1.0 / 720;
    y = y * r + 1.0 / 120;
    y = y * r + 1.0 / 24;
    y = y * r + 1.0 / 6;
    y = y * r + 0.5;
    y = y * r + 1;
    y = y * r + 1;
    return y * bits((int64_t)((int32_t)k + 1023) << 52);
}

INLINE double vlog(double x)
{
    int64_t b = whole(x), up = (b & 0x000fffffffffffff) > 0x0006a09e667f3bcd;
    double k = (double)(int32_t)((b >> 52) - 1023 + up);
    double m = bits((b & 0x000fffffffffffff) | ((1023 - up) << 52));
    double s = (m - 1) / (m + 1), z = s * s;
    double y = 1.0 / 19;
    y = y * z + 1.0 / 17;
    y = y * z + 1.0 / 15;
    y = y * z + 1.0 / 13;
    y = y * z + 1.0 / 11;
    y = y * z + 1.0 / 9;
    y = y * z + 1.0 / 7;
    y = y * z + 1.0 / 5;
    y = y * z + 1.0 / 3;
    return k * 0.69314718055994530942 + 2 * s * (1 + z * y);
}

INLINE double turn(double u) /* cos(2 pi u) */
{
    double x = 3.14159265358979323846 * (u - 0.5), z = x * x, y = 1.0 / 355687428096000;
    y = y * z - 1.0 / 1307674368000;
    y = y * z + 1.0 / 6227020800;
    y = y * z - 1.0 / 39916800;
    y = y * z + 1.0 / 362880;
    y = y * z - 1.0 / 5040;
    y = y * z + 1.0 / 120;
    y = y * z - 1.0 / 6;
    y = x * (1 + z * y);
    return 2 * y * y - 1;
}

INLINE double smaller(double a, double b) { return a < b ? a : b; }
INLINE double larger(double a, double b) { return a > b ? a : b; }
INLINE double power(double p) { return vexp(0.7 * vlog(p)); }
INLINE double logistic(double x) { return 1 / (1 + vexp(-x)); }
INLINE double loss_averse(double trade)
{
    double z = trade - 1;
    return z < 0 ? 2 * z : z;
}

/* ---- a block ---------------------------------------------------------------------------- */

typedef struct {
    Row rung, harm, kg, vg, anger, control, order, boats, escorts, trade, standing, funded, occupied,
        shared, watch, dead, accord, next, arbitration, pledge, warning, open;
    Row line, lethality, tempo, zeal, precision, mood_v, mood_k;
    Row belief[4], wild, opened, scored, silence[4];
    Row board_ready, blockade_ready, inspect_ready, cable_ready, land_ready, send_ready, war_ready;
    Row land_at, send_at, land_lesson[2], send_lesson[4];
    Row blockades, deaths, lands, wars, ships, top, moderates, swarms, first;
    Row heat, level, fear; /* exp(1.1 rung), the nearest level of harm, war's rate over heat */
    int32_t flags[W];
    Row likely[4], move;
    Row lift;
    uint64_t a[W], b[W];
#ifdef FED
    const double *table;
    long worlds, begin;
#endif
} Block;

/* Uniform numbers: xoroshiro128+ in every lane (Blackman and Vigna), each lane seeded apart. */
static void throw_dice(Block *s, double *out, int site, int day, int n, const int32_t *which)
{
#ifdef FED
    long row = site < ONCE ? site : ONCE + (long)(site - ONCE) * DAYS + day;
    for (int j = 0; j < n; j++) {
        long w = s->begin + (which ? which[j] : j);
        out[j] = s->table[row * s->worlds + (w < s->worlds ? w : s->worlds - 1)];
    }
#else
    (void)site, (void)day, (void)which;
    OVER(n) {
        uint64_t a = s->a[j], b = s->b[j];
        out[j] = bits((int64_t)((a + b) >> 12 | 0x3ff0000000000000)) - 1;
        b ^= a;
        s->a[j] = (a << 24 | a >> 40) ^ b ^ (b << 16);
        s->b[j] = b << 37 | b >> 27;
    }
#endif
}

static void throw_normal(Block *s, double *out, int site, int day)
{
#ifdef FED
    throw_dice(s, out, site, day, W, 0);
#else
    Row u, v;
    throw_dice(s, u, site, day, W, 0);
    throw_dice(s, v, site, day, W, 0);
    EACH out[w] = sqrt(-2 * vlog(1 - u[w])) * turn(v[w]);
#endif
}

static uint64_t mixed(uint64_t x)
{
    x += 0x9e3779b97f4a7c15;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
    x = (x ^ x >> 27) * 0x94d049bb133111eb;
    return x ^ x >> 31;
}

static void share(Block *s, double *out, int site, double low, double high)
{
    double a = log(low / (1 - low)), b = log(high / (1 - high));
    throw_normal(s, out, site, 0);
    EACH out[w] = logistic((a + b) / 2 + out[w] / 2.5631031310892007 * (b - a));
}

#define FILL(row, x) EACH s->row[w] = x

static void begin(Block *s, uint64_t seed, uint64_t number)
{
    Row u;
    EACH {
        s->a[w] = mixed(seed ^ mixed(number * W + w));
        s->b[w] = mixed(s->a[w] + number);
    }
    throw_dice(s, u, LINE, 0, W, 0);
    EACH s->line[w] = (u[w] >= .05) + (u[w] >= .05 + .40) + (u[w] >= .05 + .40 + .45);
    share(s, s->control, STEERING, .15, .4);
    share(s, s->lethality, LETHALITY, .01, .06);
    throw_normal(s, s->tempo, TEMPO, 0);
    EACH s->tempo[w] = vexp(log(.6 * 1.7) / 2 + s->tempo[w] / 2.5631031310892007 * log(1.7 / .6));
    throw_normal(s, s->zeal, ZEAL, 0);
    EACH s->zeal[w] *= 1.2 / 2.5631031310892007;
    throw_dice(s, s->precision, PRECISION, 0, W, 0);
    EACH s->precision[w] = .8 + .8 * s->precision[w];
    throw_normal(s, s->mood_v, MOOD_V, 0);
    EACH s->mood_v[w] *= .3;
    throw_normal(s, s->mood_k, MOOD_K, 0);
    EACH s->mood_k[w] *= .4;
    FILL(rung, 1); FILL(harm, 0); FILL(kg, .8); FILL(vg, .3); FILL(anger, .5); FILL(order, 1);
    FILL(boats, 90); FILL(escorts, 4); FILL(trade, .9); FILL(standing, .52); FILL(funded, 0);
    FILL(occupied, 0); FILL(shared, 0); FILL(watch, 0); FILL(dead, 0); FILL(accord, 1);
    FILL(next, -1); FILL(arbitration, -1); FILL(pledge, 0); FILL(warning, -1); FILL(open, 1);
    FILL(belief[0], .33); FILL(belief[1], .37); FILL(belief[2], .20); FILL(belief[3], .10);
    FILL(wild, .3); FILL(opened, NEVER); FILL(scored, 0);
    FILL(board_ready, 0); FILL(blockade_ready, 0); FILL(inspect_ready, 0); FILL(cable_ready, 0);
    FILL(land_ready, 0); FILL(send_ready, 0); FILL(war_ready, 0);
    FILL(land_at, NEVER); FILL(send_at, NEVER);
    FILL(blockades, 0); FILL(deaths, 0); FILL(lands, 0); FILL(wars, 0); FILL(ships, 0);
    FILL(top, 1); FILL(moderates, 0); FILL(swarms, 0); FILL(first, DAYS);
}

/* ---- what the governments think of each other ------------------------------------------- */

#define HEAT2 9.0250134994341209 /* exp(2.2) */
#define HEAT3 27.112638920657887 /* exp(3.3) */
#define HEAT4 81.450868664968141 /* exp(4.4) */

/* Kelmark's two moves that answer a provocation, as odds against doing nothing, for a type below
 * its line, one above it, and the type that minds a trifle and is sharp. */
typedef struct { double below0, below1, above0, above1, trifle0, trifle1; } Answers;

INLINE Answers answers(double kg, double heat, double fear, double still, double trade,
                              double firm, double firmer, double pledge, double precision,
                              double board_free, double blockade_free)
{
    /* fear * heat is war's rate; `still` is the same factor once the line is cut */
    double less = kg - larger(kg - 1, 0), far = larger(kg - 5, 0);
    double board = firm - .7 - 280 * fear * (larger(heat, HEAT2) - heat);
    double ports = 2 * (loss_averse(larger(trade - .3, 0)) - loss_averse(trade));
    double block = ports + firmer + pledge - 4 - 280 * (still * larger(heat, HEAT3) - fear * heat);
    Answers a;
    a.below0 = board_free * vexp(precision * (.3 * less + board));
    a.above0 = board_free * vexp(precision * (2.3 * less + board));
    a.trifle0 = board_free * vexp(1.6 * (2.3 * less + board));
    a.below1 = blockade_free * vexp(precision * (.3 * (kg - far) + block));
    a.above1 = blockade_free * vexp(precision * (2.3 * kg - .3 * far + block));
    a.trifle1 = blockade_free * vexp(1.6 * (2.3 * (kg - far) + block));
    return a;
}

/* Kelmark's other moves: sum of odds, and a warning's, at a precision. */
typedef struct { double send, arbitrate, warn; } Others;

INLINE Others others(double precision, double send, double arbitrate, double warn)
{
    Others o = {vexp(precision * send), vexp(precision * arbitrate), vexp(precision * warn)};
    return o;
}

typedef struct { double board, blockade, warn; } Expected;

INLINE Expected expected(Answers a, double rest, double warn, double rest3, double warn3,
                                double below, double above, double trifle)
{
    double x = below / (1 + a.below0 + a.below1 + rest);
    double y = above / (1 + a.above0 + a.above1 + rest);
    double z = trifle / (1 + a.trifle0 + a.trifle1 + rest3);
    Expected e = {x * a.below0 + y * a.above0 + z * a.trifle0,
                  x * a.below1 + y * a.above1 + z * a.trifle1, (x + y) * warn + z * warn3};
    return e;
}

/* What a shift of Kelmark's policy is worth to Vessara in a state. */
INLINE double to_vessara(Expected then, Expected now, double vg, double heat, double fear,
                                double still, double pledge, double order)
{
    double board = -.9 * (smaller(vg + .6, 8) - vg) - 280 * fear * (larger(heat, HEAT2) - heat);
    double block = 1.2 * pledge * order - .9 * (smaller(vg + 2.5, 8) - vg)
                   - 280 * (still * larger(heat, HEAT3) - fear * heat);
    double warn = -1.2 * (smaller(pledge + .6, 1) - pledge) * order;
    return (then.board - now.board) * board + (then.blockade - now.blockade) * block
           + (then.warn - now.warn) * warn;
}

/* Vessara's moves as odds: those of the type that bargains; of the one that grabs, three differ. */
typedef struct { double hold, loose, inspect, land, hold2, loose2, land2; } Pressure;

INLINE Pressure pressure(double pledge, double order, double vg, double heat, double fear,
                                double occupied, double escorts, double foreclosed,
                                double inspect_free, double land_free)
{
    double boats = .5 - .4 * .4 - 1.2 * pledge;
    Pressure p;
    p.hold = vexp(1.2 * (-boats * order - .1));
    p.hold = order > 0 ? p.hold : 0;
    p.loose = vexp(1.2 * (boats - .3));
    p.loose = order < 2 ? p.loose : 0;
    p.inspect = inspect_free * vexp(1.2 * (.9 * (vg - larger(vg - 1, 0)) - .8
                                           - 280 * fear * (larger(heat, HEAT2) - heat)));
    p.inspect = vg >= .5 ? p.inspect : 0;
    p.land = land_free * vexp(1.2 * (1.6 - 280 * fear * (larger(heat, HEAT4) - heat) - 1
                                     - .1 * escorts - foreclosed));
    p.land = occupied > 0 ? 0 : p.land;
    p.hold2 = p.hold * (order > 1 ? 0.31600418538867766 : 0.56214249928693297); /* exp(-.576 n) */
    p.loose2 = p.loose * 1.7789083751302763;                                   /* exp(.576) */
    p.land2 = p.land * 4.2206958169965526;                                     /* exp(1.44) */
    return p;
}

typedef struct { double inspect, land, scale; } Fears;

/* What Kelmark expects; `scale` is the expected weight of a step or of taking one back. */
INLINE Fears feared(Pressure p, double steps, double wild)
{
    double mild = (1 - wild) / (1 + p.hold + p.loose + p.inspect + p.land + steps);
    double bad = wild / (1 + p.hold2 + p.loose2 + p.inspect + p.land2 + steps);
    Fears f = {(mild + bad) * p.inspect, mild * p.land + bad * p.land2, mild + bad};
    return f;
}

INLINE double to_kelmark(Fears then, Fears now, double step, double undo, double kg,
                                double level, double line, double trade, double heat, double fear,
                                double occupied, double accord)
{
    double hurt = level >= line ? 2.3 : .3, landed = larger(level, 1) >= line ? 2.3 : .3;
    double inspect = -hurt * (smaller(kg + .8, 8) - kg)
                     + 2 * (loss_averse(larger(trade - .05, 0)) - loss_averse(trade))
                     - 280 * fear * (larger(heat, HEAT2) - heat);
    double land = hurt * kg - landed * smaller(kg + 2.5, 8) - 3 * (1 - occupied)
                  - 280 * fear * (larger(heat, HEAT4) - heat);
    double stepped = -hurt * (smaller(kg + .2, 8) - kg) - .3 * (smaller(accord + 1, 4) - accord);
    double undone = .3 * (accord - larger(accord - 1, 0));
    return (then.inspect - now.inspect) * inspect + (then.land - now.land) * land
           + (then.scale - now.scale) * (step * stepped + undo * undone);
}

/* ---- choices ---------------------------------------------------------------------------- */

static void vessara(Block *s, int day, int n, const int32_t *which, double *restrict move,
                    double *restrict mild, double *restrict bad, const double *restrict die)
{
    OVER(n) {
        int w = which[j];
        double kg = s->kg[w], vg = s->vg[w], heat = s->heat[w], fear = s->fear[w];
        double still = s->open[w] > 0 ? 2 * fear : fear, level = s->level[w];
        double trade = s->trade[w], standing = s->standing[w], escorts = s->escorts[w];
        double pledge = s->pledge[w], order = s->order[w], accord = s->accord[w];
        double precision = s->precision[w], zeal = s->zeal[w], occupied = s->occupied[w];
        double board_free = s->board_ready[w] <= day ? 1 : 0;
        double blockade_free = s->blockade_ready[w] <= day ? 1 : 0;
        double send_free = s->send_ready[w] <= day ? s->funded[w] : 0;
        double arbitrate_free = s->arbitration[w] <= 0 ? 1 : 0;
        double warn_free = s->warning[w] <= 0 ? 1 : 0;
        double firm = 8 * (smaller(standing + .01, 1) - standing);
        double firmer = 8 * (smaller(standing + .03, 1) - standing);
        double m3 = s->belief[3][w];
        double above = (level >= 3 ? s->belief[0][w] : 0) + (level >= 2 ? s->belief[1][w] : 0)
                       + (level >= 1 ? s->belief[2][w] : 0);
        double below = 1 - m3 - above;
        double land_free = s->land_ready[w] <= day ? 1 : 0;
        land_free = s->belief[0][w] >= .2 ? land_free : 0;
        double inspect_free = s->inspect_ready[w] <= day ? 1 : 0;
        double step_free = accord < 4 ? 1 : 0;
        step_free = s->next[w] <= 0 ? step_free : 0;
        step_free = day > 19 ? step_free : 0;
        double undo_free = accord > 0 ? s->shared[w] : 0;
        double foreclosed = day < 68 ? 1.25 * (1 - s->shared[w]) : 0;
        send_free = escorts <= 8 ? send_free : 0;

        /* Kelmark as Vessara expects it: now, and after each move that it would mind. */
        double sent = .1 * (smaller(escorts + 4, 12) - escorts) - .4 + s->wild[w];
        double warned = firmer - (smaller(pledge + .6, 1) - pledge) - .1;
        Others o = others(precision, sent, firm - .2, warned);
        Others o3 = others(1.6, sent, firm - .2, warned);
        o.send *= send_free, o3.send *= send_free, o.warn *= warn_free, o3.warn *= warn_free;
        o.arbitrate *= arbitrate_free, o3.arbitrate *= arbitrate_free;
        double court = accord >= 2 ? 1 : 0;
        double rest = o.send + o.warn, rest3 = o3.send + o3.warn;
        double full = rest + court * o.arbitrate, full3 = rest3 + court * o3.arbitrate;
#define ANSWERS(kg, heat, trade) \
    answers(kg, heat, fear, still, trade, firm, firmer, pledge, precision, board_free, blockade_free)
#define EXPECTED(a, rest, rest3, below, above) \
    expected(a, rest, o.warn, rest3, o3.warn, below, above, m3)
        Answers at = ANSWERS(kg, heat, trade);
        Expected now = EXPECTED(at, full, full3, below, above);
        double worth[6];
        double boats = .5 + .4 * zeal - 1.2 * pledge;
        worth[0] = -boats * order - .1;
        worth[1] = boats - .3;
        double vg1 = larger(vg - 1, 0), heat2 = larger(heat, HEAT2), heat4 = larger(heat, HEAT4);
        Answers then = ANSWERS(smaller(kg + .8, 8), heat2, larger(trade - .05, 0));
        worth[2] = .9 * (vg - vg1) - 280 * fear * (heat2 - heat) - .8
                   + to_vessara(EXPECTED(then, full, full3, below, above), now, vg1, heat2, fear,
                                still, pledge, order);
        then = ANSWERS(smaller(kg + 2.5, 8), heat4, trade);
        double above1 = (level >= 3 ? s->belief[0][w] : 0) + (level >= 2 ? s->belief[1][w] : 0)
                        + s->belief[2][w];
        worth[3] = 2 + zeal - 280 * fear * (heat4 - heat) - 1 - .1 * escorts - foreclosed
                   + to_vessara(EXPECTED(then, full, full3, 1 - m3 - above1, above1), now, vg,
                                heat4, fear, still, pledge, order);
        double up = accord >= 1 ? 1 : 0, down = accord >= 3 ? 1 : 0;
        then = ANSWERS(smaller(kg + .2, 8), heat, trade);
        worth[4] = .5 - .4 + to_vessara(EXPECTED(then, rest + up * o.arbitrate,
                                                 rest3 + up * o3.arbitrate, below, above),
                                        now, vg, heat, fear, still, pledge, order);
        worth[5] = -.5 - .1 + to_vessara(EXPECTED(at, rest + down * o.arbitrate,
                                                  rest3 + down * o3.arbitrate, below, above),
                                         now, vg, heat, fear, still, pledge, order);

        double mood = s->mood_v[w], e0, e1, e2, e3, e4, e5;
        e0 = vexp(1.2 * worth[0] + mood), e0 = order > 0 ? e0 : 0;
        e1 = vexp(1.2 * worth[1] + mood), e1 = order < 2 ? e1 : 0;
        e2 = inspect_free * vexp(1.2 * worth[2] + mood), e2 = vg >= .5 ? e2 : 0;
        e3 = land_free * vexp(1.2 * worth[3] + mood), e3 = occupied > 0 ? 0 : e3;
        e4 = step_free * vexp(1.2 * worth[4] + mood);
        e5 = undo_free * vexp(1.2 * worth[5] + mood);
        double c0 = e0, c1 = c0 + e1, c2 = c1 + e2, c3 = c2 + e3, c4 = c3 + e4, c5 = c4 + e5;
        double u = die[j] * (1 + c5), m = 0;
        m += u >= c0 ? 1 : 0;
        m += u >= c1 ? 1 : 0;
        m += u >= c2 ? 1 : 0;
        m += u >= c3 ? 1 : 0;
        m += u >= c4 ? 1 : 0;
        m += u >= c5 ? 1 : 0;
        move[j] = m;

        /* How likely each type was to do this. */
        Pressure p = pressure(pledge, order, vg, heat, fear, occupied, escorts, foreclosed,
                              inspect_free, land_free);
        double step = step_free * 1.1274968515793757, undo = undo_free * 0.48675225595997168;
        double shares = 1 + p.inspect + step + undo;
        double own = m == 0 ? p.hold : m == 1 ? p.loose : m == 2 ? p.inspect : m == 3 ? p.land
                     : m == 4 ? step : undo;
        double own2 = m == 0 ? p.hold2 : m == 1 ? p.loose2 : m == 3 ? p.land2 : own;
        mild[j] = own / (shares + p.hold + p.loose + p.land);
        bad[j] = own2 / (shares + p.hold2 + p.loose2 + p.land2);
    }
}

static void kelmark(Block *s, int day, int n, const int32_t *which, double *restrict move,
                    double (*restrict likely)[W], const double *restrict die)
{
    OVER(n) {
        int w = which[j];
        double kg = s->kg[w], vg = s->vg[w], heat = s->heat[w], fear = s->fear[w];
        double still = s->open[w] > 0 ? 2 * fear : fear, level = s->level[w], line = s->line[w];
        double trade = s->trade[w], standing = s->standing[w], escorts = s->escorts[w];
        double pledge = s->pledge[w], order = s->order[w], accord = s->accord[w];
        double precision = s->precision[w], occupied = s->occupied[w], wild = s->wild[w];
        double board_free = s->board_ready[w] <= day ? 1 : 0;
        double blockade_free = s->blockade_ready[w] <= day ? 1 : 0;
        double send_free = s->send_ready[w] <= day ? s->funded[w] : 0;
        send_free = escorts <= 8 ? send_free : 0;
        double arbitrate_free = s->arbitration[w] <= 0 ? 1 : 0;
        arbitrate_free = accord >= 2 ? arbitrate_free : 0;
        double warn_free = s->warning[w] <= 0 ? 1 : 0;
        double firm = 8 * (smaller(standing + .01, 1) - standing);
        double firmer = 8 * (smaller(standing + .03, 1) - standing);
        double land_free = s->land_ready[w] <= day ? 1 : 0;
        land_free = s->belief[0][w] >= .2 ? land_free : 0;
        double inspect_free = s->inspect_ready[w] <= day ? 1 : 0;
        double step_free = accord < 4 ? 1 : 0;
        step_free = s->next[w] <= 0 ? step_free : 0;
        step_free = day > 19 ? step_free : 0;
        double undo_free = accord > 0 ? s->shared[w] : 0;
        double foreclosed = day < 68 ? 1.25 * (1 - s->shared[w]) : 0;

        /* Vessara as Kelmark expects it: now, and after each move that it would mind. */
        double step = step_free * 1.1274968515793757, undo = undo_free * 0.48675225595997168;
        Pressure p = pressure(pledge, order, vg, heat, fear, occupied, escorts, foreclosed,
                              inspect_free, land_free);
        double steps = step + undo;
        Fears now = feared(p, steps, wild);
        double worth[5];
        /* After boarding: inspecting and landing change. */
        double kg1 = larger(kg - 1, 0), vg1 = smaller(vg + .6, 8), heat2 = larger(heat, HEAT2);
        Pressure q = pressure(pledge, order, vg1, heat2, fear, occupied, escorts, foreclosed,
                              inspect_free, land_free);
        q.hold = p.hold, q.hold2 = p.hold2, q.loose = p.loose, q.loose2 = p.loose2;
        double hurt = level >= line ? 2.3 : .3;
        worth[0] = hurt * (kg - kg1) + firm - 280 * fear * (heat2 - heat) - .7
                   + to_kelmark(feared(q, steps, wild), now, step, undo, kg1, level, line, trade,
                                heat2, fear, occupied, accord);
        /* After a blockade: all but the steps. */
        double kg5 = larger(kg - 5, 0), vg2 = smaller(vg + 2.5, 8), heat3 = larger(heat, HEAT3);
        double trade1 = larger(trade - .3, 0);
        q = pressure(0, order, vg2, heat3, still, occupied, escorts, foreclosed, inspect_free,
                     land_free);
        worth[1] = hurt * kg - (line <= 0 ? 2.3 : .3) * kg5 + firmer + pledge - 4
                   + 2 * (loss_averse(trade1) - loss_averse(trade))
                   - 280 * (still * heat3 - fear * heat)
                   + to_kelmark(feared(q, steps, wild), now, step, undo, kg5, 0, line, trade1,
                                heat3, still, occupied, accord);
        /* After sending ships: landing alone, whose cost has risen. */
        double more = smaller(escorts + 4, 12) - escorts, dearer = vexp(-.12 * more);
        q = p;
        q.land *= dearer, q.land2 *= dearer;
        double sent = .1 * more - .4 + wild;
        worth[2] = sent + to_kelmark(feared(q, steps, wild), now, step, undo, kg, level, line,
                                     trade, heat, fear, occupied, accord);
        worth[3] = firm - .2;
        /* After a warning: the order to the boats. */
        double pledged = smaller(pledge + .6, 1) - pledge;
        double bolder = vexp(1.2 * 1.2 * pledged), b2 = order > 1 ? bolder * bolder : bolder;
        q = p;
        q.hold *= b2, q.hold2 *= b2, q.loose /= bolder, q.loose2 /= bolder;
        double warned = firmer - pledged - .1;
        worth[4] = warned + to_kelmark(feared(q, steps, wild), now, step, undo, kg, level, line,
                                       trade, heat, fear, occupied, accord);

        double mood = s->mood_k[w];
        double e0 = board_free * vexp(precision * worth[0] + mood);
        double e1 = blockade_free * vexp(precision * worth[1] + mood);
        double e2 = send_free * vexp(precision * worth[2] + mood);
        double e3 = arbitrate_free * vexp(precision * worth[3] + mood);
        double e4 = warn_free * vexp(precision * worth[4] + mood);
        double c0 = e0, c1 = c0 + e1, c2 = c1 + e2, c3 = c2 + e3, c4 = c3 + e4;
        double u = die[j] * (1 + c4), m = 0;
        m += u >= c0 ? 1 : 0;
        m += u >= c1 ? 1 : 0;
        m += u >= c2 ? 1 : 0;
        m += u >= c3 ? 1 : 0;
        m += u >= c4 ? 1 : 0;
        move[j] = m;

        /* How likely each type was to do this. */
        Others o = others(precision, sent, firm - .2, warned);
        Others o3 = others(1.6, sent, firm - .2, warned);
        o.send *= send_free, o3.send *= send_free, o.warn *= warn_free, o3.warn *= warn_free;
        o.arbitrate *= arbitrate_free, o3.arbitrate *= arbitrate_free;
        Answers a = ANSWERS(kg, heat, trade);
        double same = m == 2 ? o.send : m == 3 ? o.arbitrate : o.warn;
        double same3 = m == 2 ? o3.send : m == 3 ? o3.arbitrate : o3.warn;
        double rest = 1 + o.send + o.arbitrate + o.warn, rest3 = 1 + o3.send + o3.arbitrate + o3.warn;
        double below = (m == 0 ? a.below0 : m == 1 ? a.below1 : same)
                       / (rest + a.below0 + a.below1);
        double above = (m == 0 ? a.above0 : m == 1 ? a.above1 : same)
                       / (rest + a.above0 + a.above1);
        likely[0][j] = level >= 3 ? above : below;
        likely[1][j] = level >= 2 ? above : below;
        likely[2][j] = level >= 1 ? above : below;
        likely[3][j] = (m == 0 ? a.trifle0 : m == 1 ? a.trifle1 : same3)
                       / (rest3 + a.trifle0 + a.trifle1);
    }
}

/* Per type, the probability that Kelmark at an opening neither boards nor blockades. */
static void quiet(Block *s, int day, int n, const int32_t *which)
{
    OVER(n) {
        int w = which[j];
        double fear = s->fear[w], still = s->open[w] > 0 ? 2 * fear : fear, level = s->level[w];
        double standing = s->standing[w], pledge = s->pledge[w], escorts = s->escorts[w];
        double precision = s->precision[w];
        double board_free = s->board_ready[w] <= day ? 1 : 0;
        double blockade_free = s->blockade_ready[w] <= day ? 1 : 0;
        double send_free = s->send_ready[w] <= day ? s->funded[w] : 0;
        send_free = escorts <= 8 ? send_free : 0;
        double arbitrate_free = s->arbitration[w] <= 0 ? 1 : 0;
        arbitrate_free = s->accord[w] >= 2 ? arbitrate_free : 0;
        double warn_free = s->warning[w] <= 0 ? 1 : 0;
        double firm = 8 * (smaller(standing + .01, 1) - standing);
        double firmer = 8 * (smaller(standing + .03, 1) - standing);
        double sent = .1 * (smaller(escorts + 4, 12) - escorts) - .4 + s->wild[w];
        double warned = firmer - (smaller(pledge + .6, 1) - pledge) - .1;
        Others o = others(precision, sent, firm - .2, warned);
        Others o3 = others(1.6, sent, firm - .2, warned);
        double rest = 1 + send_free * o.send + arbitrate_free * o.arbitrate + warn_free * o.warn;
        double rest3 = 1 + send_free * o3.send + arbitrate_free * o3.arbitrate
                       + warn_free * o3.warn;
        Answers a = ANSWERS(s->kg[w], s->heat[w], s->trade[w]);
        double below = rest / (rest + a.below0 + a.below1);
        double above = rest / (rest + a.above0 + a.above1);
        s->silence[0][w] = level >= 3 ? above : below;
        s->silence[1][w] = level >= 2 ? above : below;
        s->silence[2][w] = level >= 1 ? above : below;
        s->silence[3][w] = rest3 / (rest3 + a.trifle0 + a.trifle1);
    }
}

static void skippers(Block *s, int day, int n, const int32_t *which, double *restrict move,
                     const double *restrict die)
{
    OVER(n) {
        int w = which[j];
        double kg = s->kg[w], control = s->control[w], death = s->lethality[w];
        double will = 1 - control, order = s->order[w], anger = s->anger[w];
        double louder = .5 * (.08 * smaller(kg + 1.6, 8) + death * smaller(kg + 3.4, 8)
                              + (.92 - death) * smaller(kg + .4, 8) - kg);
        double calmer = 2 * (anger - larger(anger - .1, 0));
        double c = 1 - (.7 - .3 * s->watch[w]) / (1 + s->open[w]);
        double guilty = .5 * (1 + c * c);
        double noticed = .5 * (smaller(kg + 1.5 - guilty, 8) - kg);
        double duty = 2 * control;
        double e0 = vexp(1.5 * (will * (calmer + louder - .1 - .02 * s->escorts[w])
                                + (order >= 1 ? duty : -duty)));
        double e1 = vexp(1.5 * (will * (noticed - .4) + (order >= 2 ? duty : -duty)));
        e1 = s->cable_ready[w] <= day ? e1 : 0;
        double u = die[j] * (1 + e0 + e1), m = 0;
        m += u >= e0 ? 1 : 0;
        m += u >= e0 + e1 ? 1 : 0;
        move[j] = m;
    }
}

/* ---- beliefs ---------------------------------------------------------------------------- */

static void learn_kelmark(Block *s, int n, const int32_t *which, double (*likely)[W])
{
    OVER(n) {
        int w = which[j];
        double a = s->belief[0][w] * power(likely[0][j]), b = s->belief[1][w] * power(likely[1][j]);
        double c = s->belief[2][w] * power(likely[2][j]), d = s->belief[3][w] * power(likely[3][j]);
        double total = 1 / (a + b + c + d);
        s->belief[0][w] = a * total;
        s->belief[1][w] = b * total;
        s->belief[2][w] = c * total;
        s->belief[3][w] = d * total;
    }
}

static void learn_vessara(Block *s, int n, const int32_t *which, const double *mild,
                          const double *bad)
{
    OVER(n) {
        int w = which[j];
        double wild = s->wild[w] * power(bad[j]), tame = (1 - s->wild[w]) * power(mild[j]);
        s->wild[w] = wild / (wild + tame);
    }
}

/* ---- a day ------------------------------------------------------------------------------ */

enum { V = 1, K = 2, S = 4, FOGS = 8, FIGHTS = 16, LANDS = 32, SENDS = 64, RUN_OUT = 128,
       LAPSES = 256, RIPE = 512, FRESH = 1024, RARE = 2040 - 1024 };

/* The numbers of the worlds that have one of some flags, in order; how many. */
static int listed(const int32_t *flags, int32_t which, int32_t *out)
{
    int n = 0;
#ifdef __AVX512F__
    for (int w = 0; w < W; w += 16) {
        __m512i f = _mm512_loadu_si512(flags + w);
        __mmask16 m = _mm512_test_epi32_mask(f, _mm512_set1_epi32(which));
        __m512i number = _mm512_add_epi32(
            _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
            _mm512_set1_epi32(w));
        _mm512_storeu_si512(out + n, _mm512_maskz_compress_epi32(m, number));
        n += __builtin_popcount(m);
    }
#else
    EACH out[n] = w, n += (flags[w] & which) != 0;
#endif
    return n;
}

static void killed(Block *s, int w, double grief)
{
    s->kg[w] += grief;
    s->lift[w] = 2;
    s->dead[w] += 1;
}

static void one_day(Block *s, int day)
{
    static const double half5 = 0.87055056329612412, half14 = 0.95169515301061961,
                        half20 = 0.96593632892484561, half25 = 0.97265494741228548,
                        half30 = 0.97715996843424591;
    Row fog, war, opens_v, opens_k, opens_s, die;
    int32_t v[W + 16], k[W + 16], sk[W + 16], rare[W + 16], fresh[W + 16];
    throw_dice(s, fog, FOG, day, W, 0);
    throw_dice(s, war, WAR, day, W, 0);
    throw_dice(s, opens_v, OPENS_V, day, W, 0);
    throw_dice(s, opens_k, OPENS_K, day, W, 0);
    throw_dice(s, opens_s, OPENS_S, day, W, 0);
    EACH {
        if (day > 0) {
            s->next[w] = s->next[w] > 0 ? s->next[w] - 1 : -1;
            s->arbitration[w] = s->arbitration[w] > 0 ? s->arbitration[w] - 1 : -1;
            s->warning[w] = s->warning[w] > 0 ? s->warning[w] - 1 : -1;
        }
        double heat = vexp(1.1 * s->rung[w]), level = __builtin_floor(s->harm[w] + .5);
        double fear = .00005 / 90 * s->boats[w] * (1 - .5 * s->open[w]);
        double tempo = .12 * s->tempo[w] * (.5 + s->anger[w]) * (1 + s->boats[w] / 300);
        s->heat[w] = heat;
        s->level[w] = level;
        s->fear[w] = fear;
        s->lift[w] = 0;
        /* 1 - exp(-.1), 1 - exp(-.25), 1 - exp(-.35) */
        double pace_v = s->vg[w] >= 1 ? 0.22119921692859512 : 0.095162581964040482;
        double pace_k = level >= s->line[w] ? 0.29531191028128656 : 0.095162581964040482;
        int32_t f = 0;
        f |= opens_v[w] < pace_v ? V : 0;
        f |= opens_k[w] < pace_k ? K : 0;
        f |= 1 - opens_s[w] > vexp(-tempo) ? S : 0;
        f |= 1 - fog[w] > vexp(-.00008 * s->boats[w]) ? FOGS : 0;
        f |= (1 - war[w] > vexp(-fear * heat)) & (s->war_ready[w] <= day) ? FIGHTS : 0;
        f |= s->land_at[w] == day ? LANDS : 0;
        f |= s->send_at[w] == day ? SENDS : 0;
        f |= (s->arbitration[w] == 0) & (s->accord[w] > 1) ? RUN_OUT : 0;
        f |= s->warning[w] == 0 ? LAPSES : 0;
        f |= day - s->opened[w] >= 10 ? RIPE : 0;
        f |= (s->kg[w] >= 1) & (s->opened[w] == NEVER) & (s->scored[w] == 0) ? FRESH : 0;
        s->flags[w] = f;
    }
    int nv = listed(s->flags, V, v), nk = listed(s->flags, K, k), ns = listed(s->flags, S, sk);
    int nr = listed(s->flags, RARE, rare), nf = listed(s->flags, FRESH, fresh);

    /* Everybody decides on the same morning. */
    Row move_v, move_k, move_s, mild, bad, kl[4];
    throw_dice(s, die, CHOOSES_V, day, nv, v);
    vessara(s, day, nv, v, move_v, mild, bad, die);
    throw_dice(s, die, CHOOSES_K, day, nk, k);
    kelmark(s, day, nk, k, move_k, kl, die);
    throw_dice(s, die, CHOOSES_S, day, ns, sk);
    skippers(s, day, ns, sk, move_s, die);
    quiet(s, day, nf, fresh); /* some will be answered today, and then it is not used */

    Row die_sw, die_cut, consent, foggy;
    throw_dice(s, die_sw, SWARMS, day, ns, sk);
    throw_dice(s, die_cut, SIGNED, day, ns, sk);
    throw_dice(s, consent, CONSENTS, day, nv, v);
    throw_dice(s, foggy, FOGGY, day, nr, rare);

    /* Votes, and what chances read, while the morning stands. */
    Row poll;
    if (day == 21) {
        Row yes;
        throw_normal(s, poll, CROWN, day);
        EACH yes[w] = 48 * logistic(4 + .9 * poll[w]);
        throw_normal(s, poll, HARBOUR, day);
        EACH yes[w] += 42 * logistic(-4 + .9 * poll[w]);
        throw_normal(s, poll, FREE_LIST, day);
        EACH yes[w] += 28.5 * logistic(.2 + .3 * s->rung[w] + .9 * poll[w]);
        EACH poll[w] = yes[w] > 118.5 / 2 ? 1 : 0;
    } else if (day == 41) {
        Row whole_bloc, veto;
        throw_normal(s, poll, WAVERING, day);
        throw_dice(s, whole_bloc, WILLING, day, W, 0);
        throw_dice(s, veto, VETOED, day, W, 0);
        EACH {
            double yes = 2 * logistic(.8 * poll[w]);
            yes += whole_bloc[w] < 0.88079707797788243 ? 3 : 0;
            poll[w] = (yes >= 3) & (veto[w] >= 0.59868766011245200) ? 1 : 0;
        }
    } else if (day == 68) {
        throw_dice(s, poll, ELECTED, day, W, 0);
        EACH poll[w] = poll[w] < logistic(-12 * (s->standing[w] - .5)) ? 1 : 0;
    }
    Row clear, opened_line;
    memcpy(opened_line, s->open, sizeof(Row));
    OVER(ns) clear[j] = 1 - (.7 - .3 * s->watch[sk[j]]) / (1 + s->open[sk[j]]);
    Row provoked;
    EACH provoked[w] = s->kg[w] >= 1 ? 1 : 0;
    Row fleet;
    OVER(nv) fleet[j] = 1.2 * (1 - s->occupied[v[j]]) - .5 * (larger(s->rung[v[j]], 4) - s->rung[v[j]]);

    /* Old values fade, then the day's effects: '=' first, then sums, then lifts. */
    EACH {
        s->rung[w] = 1 + (s->rung[w] - 1) * half5;
        s->harm[w] *= half14;
        s->kg[w] *= half14;
        s->vg[w] *= half14;
        s->anger[w] = .3 + (s->anger[w] - .3) * half30;
        s->trade[w] = .9 + (s->trade[w] - .9) * half20;
        s->standing[w] = .52 + (s->standing[w] - .52) * half25;
    }
    if (day == 21) EACH {
        s->funded[w] = poll[w];
        s->ships[w] += poll[w];
        s->standing[w] -= .02 * (1 - poll[w]);
    } else if (day == 41) EACH s->watch[w] = poll[w];
    else if (day == 68) EACH {
        s->shared[w] = poll[w];
        s->moderates[w] += poll[w];
        s->standing[w] += .03 * (1 - poll[w]);
    } else if (day == 39) FILL(boats, 300);
    else if (day == 19) EACH {
        double due = s->accord[w] < 4 ? 1 : 0;
        s->accord[w] += due;
        s->next[w] = due > 0 ? 30 : s->next[w];
        s->kg[w] += .2 * due;
    }

    int32_t taught[W];
    for (int j = 0; j < nr; j++) {
        int w = rare[j], f = s->flags[w];
        if (f & LAPSES) s->pledge[w] = 0, s->standing[w] -= .03;
        if (f & RUN_OUT) s->vg[w] += .5;
        if (f & LANDS) {
            s->land_at[w] = NEVER, s->lands[w] += 1, s->occupied[w] = 1, s->kg[w] += 2.5;
            s->rung[w] = larger(s->rung[w], 4), s->lift[w] = larger(s->lift[w], 1);
            double wild = s->wild[w] * s->land_lesson[1][w];
            s->wild[w] = wild / (wild + (1 - s->wild[w]) * s->land_lesson[0][w]);
        }
        if (f & SENDS) {
            s->send_at[w] = NEVER, s->send_ready[w] = day + 1, s->escorts[w] += 4;
            double total = 0;
            for (int t = 0; t < 4; t++) total += s->belief[t][w] *= s->send_lesson[t][w];
            for (int t = 0; t < 4; t++) s->belief[t][w] /= total;
        }
        if (f & FOGS) {
            s->kg[w] += .2;
            if (foggy[j] < .05) killed(s, w, 2.5);
        }
        if (f & FIGHTS) s->war_ready[w] = NEVER, s->wars[w] += 1, s->rung[w] = 5;
    }

    int n = 0;
    for (int j = 0; j < nk; j++) { /* Kelmark: '=' of a blockade come before all lifts of harm */
        int w = k[j];
        switch ((int)move_k[j]) {
        case 0:
            s->first[w] = smaller(s->first[w], day), s->board_ready[w] = day + 3;
            s->kg[w] -= 1, s->vg[w] += .6, s->rung[w] = larger(s->rung[w], 2);
            s->anger[w] += .15, s->control[w] -= .05, s->standing[w] += .01;
            break;
        case 1:
            s->blockades[w] += 1, s->blockade_ready[w] = day + 30;
            s->kg[w] -= 5, s->harm[w] = 0, s->vg[w] += 2.5, s->rung[w] = larger(s->rung[w], 3);
            s->trade[w] -= .3, s->standing[w] += .03, s->open[w] = 0, s->pledge[w] = 0;
            s->warning[w] = -1;
            break;
        case 2:
            s->send_ready[w] = NEVER, s->send_at[w] = day + 7;
            for (int t = 0; t < 4; t++) s->send_lesson[t][w] = power(kl[t][j]);
            continue;
        case 3:
            s->arbitration[w] = 30, s->standing[w] += .01;
            break;
        case 4:
            s->pledge[w] += .6, s->warning[w] = 21, s->standing[w] += .03;
            break;
        default:
            continue;
        }
        if (move_k[j] < 2) s->opened[w] = NEVER, s->scored[w] = 1, s->flags[w] &= ~(RIPE | FRESH);
        taught[n] = w;
        for (int t = 0; t < 4; t++) s->likely[t][n] = kl[t][j];
        n++;
    }
    learn_kelmark(s, n, taught, s->likely);

    n = 0;
    for (int j = 0; j < nr; j++)
        if (s->flags[rare[j]] & RIPE) {
            int w = rare[j];
            taught[n] = w;
            for (int t = 0; t < 4; t++) s->likely[t][n] = s->silence[t][w];
            n++;
            s->opened[w] = NEVER, s->scored[w] = 1;
        }
    learn_kelmark(s, n, taught, s->likely);
    EACH {
        s->scored[w] = provoked[w] * s->scored[w];
        s->opened[w] = s->flags[w] & FRESH ? day : s->opened[w];
    }

    n = 0;
    for (int j = 0; j < nv; j++) {
        int w = v[j];
        switch ((int)move_v[j]) {
        case 0:
            s->order[w] = 0;
            if (opened_line[w] == 0) continue;
            break;
        case 1:
            s->order[w] += 1;
            continue;
        case 2:
            s->inspect_ready[w] = day + 5, s->vg[w] -= 1, s->kg[w] += .8, s->trade[w] -= .05;
            s->rung[w] = larger(s->rung[w], 2);
            break;
        case 3:
            if (consent[j] < logistic(1.5 * fleet[j])) {
                s->land_ready[w] = NEVER, s->land_at[w] = day + 2;
                s->land_lesson[0][w] = power(mild[j]), s->land_lesson[1][w] = power(bad[j]);
            }
            continue;
        case 4:
            s->accord[w] += 1, s->next[w] = 30, s->kg[w] += .2;
            break;
        case 5:
            s->accord[w] -= 1;
            break;
        default:
            continue;
        }
        taught[n] = w, s->likely[0][n] = mild[j], s->likely[1][n] = bad[j];
        n++;
    }
    learn_vessara(s, n, taught, s->likely[0], s->likely[1]);

    for (int j = 0; j < ns; j++) {
        int w = sk[j];
        if (move_s[j] == 0) {
            s->swarms[w] += 1, s->kg[w] += .4, s->anger[w] -= .1;
            s->rung[w] = larger(s->rung[w], 1);
            if (die_sw[j] < .08) s->kg[w] += 1.2, s->lift[w] = larger(s->lift[w], 1);
            else if (die_sw[j] < .08 + s->lethality[w]) s->deaths[w] += 1, killed(s, w, 3);
        } else if (move_s[j] == 1) {
            double guilty = .5 * (die_cut[j] < .5 * (1 + clear[j]) ? 1 + clear[j] : 1 - clear[j]);
            s->cable_ready[w] = day + 14, s->kg[w] += 1.5 - guilty;
        }
    }
}

/* ---- the evening ------------------------------------------------------------------------ */

static void count(const double *row, double low, double high, int bins, int32_t *out, int n)
{
    int32_t where[W], parts[4][BINS + 3];
    double scale = (bins - 1) / (high - low);
    EACH where[w] = (int32_t)((row[w] - low) * scale + .5);
    memset(parts, 0, sizeof parts);
    int w = 0;
    for (; w + 4 <= n; w += 4) {
        parts[0][where[w]]++;
        parts[1][where[w + 1]]++;
        parts[2][where[w + 2]]++;
        parts[3][where[w + 3]]++;
    }
    for (; w < n; w++) parts[0][where[w]]++;
    for (int i = 0; i < BINS; i++) out[i] += parts[0][i] + parts[1][i] + parts[2][i] + parts[3][i];
}

#define WITHIN(row, high) s->row[w] = smaller(larger(s->row[w], 0), high)

static void evening(Block *s, int day, int n, int32_t (*bands)[DAYS][BINS])
{
    EACH {
        s->harm[w] = larger(s->harm[w], s->lift[w]);
        WITHIN(kg, 8);
        WITHIN(vg, 8);
        WITHIN(anger, 1);
        WITHIN(control, 1);
        WITHIN(trade, 1.2);
        WITHIN(standing, 1);
        WITHIN(pledge, 1);
        WITHIN(escorts, 12);
        s->top[w] = larger(s->top[w], s->accord[w]);
    }
    count(s->rung, 0, 5, 51, bands[0][day], n);
    count(s->trade, 0, 1.2, 101, bands[1][day], n);
    count(s->kg, 0, 8, 101, bands[2][day], n);
    count(s->control, 0, 1, 101, bands[3][day], n);
    count(s->boats, 0, 400, 101, bands[4][day], n);
}

/* Lives worlds; atoms is (worlds, 10), bands (5, 90, 101), added to. */
void live(long worlds, uint64_t seed, double *atoms, int32_t (*bands)[DAYS][BINS],
          const double *table)
{
    Block block, *s = &block; /* some 200 kB */
#ifdef FED
    s->table = table, s->worlds = worlds;
#else
    (void)table;
#endif
    for (long from = 0; from < worlds; from += W) {
        int n = worlds - from < W ? (int)(worlds - from) : W;
#ifdef FED
        s->begin = from;
#endif
        begin(s, seed, (uint64_t)(from / W));
        for (int day = 0; day < DAYS; day++) {
            one_day(s, day);
            evening(s, day, n, bands);
        }
        for (int w = 0; w < n; w++) {
            double *row = atoms + (from + w) * ATOMS;
            row[0] = s->blockades[w], row[1] = s->deaths[w], row[2] = s->lands[w];
            row[3] = s->wars[w], row[4] = s->dead[w], row[5] = s->ships[w], row[6] = s->top[w];
            row[7] = s->moderates[w], row[8] = s->swarms[w], row[9] = s->first[w];
        }
    }
}
