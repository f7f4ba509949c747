/* Runs of one entry, and tiles of several. */
#include "drivers/map/plan.h"

/* A last piece that is no whole step of the loops, or any that is not contiguous, is staged. */
int sp_run_in_place(const batch *b, int entry, ptrdiff_t first, ptrdiff_t n, run_buffers *buffers) {
    char *const staged_x = (char *)buffers->x, *const other = (char *)buffers->other;
    const char *x = view(&b->x, first, n, staged_x), *g = b->has_g ? view(&b->g, first, n, other) : 0;
    char *out[2] = {0};
    int invalid = 0, staged = 0;
    for (int k = 0; k < b->outputs; k++) {
        out[k] = direct(&b->out[k], first, n);
        staged |= !out[k];
    }
    const ptrdiff_t whole = staged ? 0 : whole_steps(n), rest = n - whole, at = whole * b->size;
    if (whole)
        invalid |= run(b, entry, whole, x, g, out[0], out[1]);
    if (!rest)
        return invalid;
    const size_t bytes = (size_t)(rest * b->size);
    char *const result[2] = {(char *)buffers->y, b->outputs > 1 ? other : 0};
    memmove(staged_x, x + at, bytes);
    pad(staged_x, rest, b->task.dtype);
    if (g) {
        memmove(other, g + at, bytes);
        pad(other, rest, b->task.dtype);
    }
    invalid |= run(b, entry, rest, staged_x, g ? other : 0, result[0], result[1]);
    for (int k = 0; k < b->outputs; k++)
        if (staged)
            write_back(&b->out[k], first, n, result[k]);
        else
            memcpy(out[k] + at, result[k], bytes);
    return invalid;
}

/* ---- sorted ---- */

void sp_order_cells(const sp_grids *grids, uint8_t *key, uint8_t *entry) {
    uint8_t next[SP_MAX_ENTRIES + 1] = {0}; /* place of the next cell of each entry */
    for (int c = 0; c < SP_CELLS; c++)
        next[grids->cells[c] + 1]++;
    for (int e = 1; e < grids->entries; e++)
        next[e] = (uint8_t)(next[e] + next[e - 1]);
    for (int c = 0; c < SP_CELLS; c++) {
        const int n = next[grids->cells[c]]++;
        key[n] = (uint8_t)c;
        entry[n] = grids->cells[c];
    }
}

void sp_find_runs(int keys, const uint8_t *key_at, const uint8_t *entry_at, run_list *runs, uint64_t *hits) {
    uint32_t position = 0;
    runs->count = 0;
    for (int k = 0; k < keys; k++) {
        const int key = key_at ? key_at[k] : k, entry = entry_at ? entry_at[k] : k;
        const uint32_t before = position;
        for (int t = 0; t < 4; t++) {
            const uint32_t count = runs->next[t][key];
            runs->next[t][key] = position;
            position += count;
        }
        if (position == before)
            continue;
        if (hits)
            hits[key] += position - before;
        runs->count += runs->count == 0 || runs->entry[runs->count - 1] != entry;
        runs->entry[runs->count - 1] = (uint8_t)entry;
        runs->end[runs->count - 1] = position;
    }
}

/* What the last step of a run takes from the next one is overwritten when that is evaluated, so runs go upwards, from one
   buffer to another. */
int sp_run_sorted(const batch *b, const tile *t, const uint8_t *keys, run_list *runs, sort_buffers *buffers) {
    char *const x = (char *)buffers->b.x, *const y = (char *)buffers->b.y, *const other = (char *)buffers->b.other;
    uint16_t *const places = buffers->places;
    const ptrdiff_t n = t->pieces * t->length, length = t->length;
    const size_t padding = (size_t)(PADDING * b->size);
    int invalid = 0;
    for (ptrdiff_t i = 0; i < t->pieces; i++)
        b->moves->place(length, i * length, keys + i * length, runs->next, view(&b->x, t->first + i * t->pitch, length, y),
                        x, places + i * length);
    memset(x + n * b->size, 0, padding);
    if (b->has_g) {
        for (ptrdiff_t i = 0; i < t->pieces; i++)
            b->moves->put(length, places + i * length, view(&b->g, t->first + i * t->pitch, length, y), other);
        memset(other + n * b->size, 0, padding);
    }
    ptrdiff_t start = 0;
    for (int k = 0; k < runs->count; start = runs->end[k++]) {
        const ptrdiff_t at = start * b->size;
        invalid |= run(b, runs->entry[k], runs->end[k] - start, x + at, b->has_g ? other + at : 0, y + at,
                       b->outputs > 1 ? other + at : 0);
    }
    for (int k = 0; k < b->outputs; k++)
        for (ptrdiff_t i = 0; i < t->pieces; i++) {
            const ptrdiff_t first = t->first + i * t->pitch;
            char *out = direct(&b->out[k], first, length);
            b->moves->take(length, places + i * length, k ? other : y, out ? out : x);
            if (!out)
                write_back(&b->out[k], first, length, x);
        }
    return invalid;
}

/* ---- chosen ---- */

/* Where three (float64: two) piecewise linear entries are evaluated everywhere, an element takes 0.5 to 0.75 of the time that
   sorting takes; a fourth (a third) makes it longer. */
int sp_choice_pays(const batch *b) {
    const sp_grids *grids = b->grids;
    int cheap = !is_16_bit(b->task.dtype) && grids->used <= (b->task.dtype == SP_FLOAT32 ? 3 : 2);
    for (int e = 0; cheap && e < grids->used; e++) {
        const int code = grids->codes[grids->entries_used[e]];
        cheap = code == SP_CODE_identity || (code >= 0 && sp_records[code].flags & SP_TWO_VALUED_SLOPE);
    }
    return cheap;
}

/* The pieces of a tile as one contiguous array that may be read in whole steps of the loops. */
static char *joined(const batch *b, const array *a, const tile *t, void *staged) {
    const ptrdiff_t n = t->pieces * t->length, bytes = t->length * b->size;
    if (t->pieces == 1)
        return padded_view(a, t->first, n, staged);
    for (ptrdiff_t i = 0; i < t->pieces; i++) {
        char *to = (char *)staged + i * bytes, *from = view(a, t->first + i * t->pitch, t->length, to);
        if (from != to)
            memcpy(to, from, (size_t)bytes);
    }
    pad(staged, n, a->dtype);
    return staged;
}

int sp_run_chosen(const batch *b, const tile *t, const uint8_t *keys, choice_buffers *buffers) {
    const ptrdiff_t n = t->pieces * t->length, bytes = t->length * b->size;
    const char *x = joined(b, &b->x, t, buffers->in[0]), *g = b->has_g ? joined(b, &b->g, t, buffers->in[1]) : 0;
    int invalid = 0;
    for (int e = 0; e < b->grids->used; e++) {
        const int entry = b->grids->entries_used[e];
        double(*const to)[CHOSEN_TILE] = e ? buffers->other : buffers->result;
        invalid |= run(b, entry, n, x, g, (char *)to[0], b->outputs > 1 ? (char *)to[1] : 0);
        for (int k = 0; e && k < b->outputs; k++)
            b->moves->take_chosen(n, keys, entry, buffers->other[k], buffers->result[k]);
    }
    for (int k = 0; k < b->outputs; k++)
        for (ptrdiff_t i = 0; i < t->pieces; i++) {
            const ptrdiff_t first = t->first + i * t->pitch;
            char *out = direct(&b->out[k], first, t->length), *from = (char *)buffers->result[k] + i * bytes;
            if (out)
                memcpy(out, from, (size_t)bytes);
            else
                write_back(&b->out[k], first, t->length, from);
        }
    return invalid;
}
