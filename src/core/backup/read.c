/* read: a chunk at a time, nothing believed before its tag held. */
#include "core/backup/format.h"

#include "core/fields.h"
#include "crypto/aead.h"
#include "crypto/agree.h"
#include "crypto/digest.h"
#include "crypto/kdf.h"
#include "keeper/local.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* As many as there are, up to n. */
static fallible take_bytes(int fd, uint8_t *to, size_t n, size_t *got)
{
    for (*got = 0; *got < n;) {
        const ssize_t more = read(fd, to + *got, n - *got);

        if (more < 0 && errno == EINTR)
            continue;
        ENSURE(more >= 0, BACKUP_FILE);
        if (more == 0)
            return OK;
        *got += (size_t)more;
    }
    return OK;
}

static fallible take_all(int fd, uint8_t *to, size_t n)
{
    size_t got;

    TRY(take_bytes(fd, to, n, &got));
    return got == n ? OK : BACKUP_DAMAGED;
}

static size_t length_of(const uint8_t at[LENGTH])
{
    size_t n = 0;

    for (int i = 0; i < LENGTH; i++)
        n = n << 8 | at[i];
    return n;
}

/* --- the head --- */

/* The whole of it, magic and length too: that is what the chunks are bound to. */
static fallible take_front(struct arena *arena, int fd, struct bytes *whole)
{
    uint8_t front[MAGIC_SIZE + LENGTH], *at;
    size_t n;

    ENSURE(lseek(fd, 0, SEEK_SET) == 0, BACKUP_FILE);
    TRY(take_bytes(fd, front, sizeof front, &n));
    ENSURE(n >= MAGIC_SIZE && memcmp(front, BACKUP_MAGIC.at, MAGIC_SIZE) == 0, BACKUP_FOREIGN);
    ENSURE(n == sizeof front, BACKUP_DAMAGED);
    n = length_of(front + MAGIC_SIZE);
    ENSURE(n <= HEAD_MOST, BACKUP_DAMAGED);
    at = arena_get(arena, sizeof front + n);
    ENSURE(at != NULL, ARENA_SPENT);
    memcpy(at, front, sizeof front);
    *whole = (struct bytes){at, sizeof front + n};
    return take_all(fd, at + sizeof front, n);
}

static void read_recipients(struct fields *f, struct backup_head *head)
{
    struct bytes list = fields_list(f, HEAD_TO, &head->who.n);

    f->damaged = f->damaged || head->who.n > BACKUP_RECIPIENTS;
    if (f->damaged)
        head->who.n = 0;
    for (size_t i = 0; i < head->who.n; i++) {
        struct fields one = fields_of(list);

        head->who.at[i] = fields_bytes(&one, TO_WHOM);
        head->by[i] = fields_bytes(&one, TO_KEY);
        f->damaged = f->damaged || fields_leave(&one, &list) != OK;
    }
}

static fallible read_head(struct bytes text, struct backup_head *head)
{
    struct fields f;
    int64_t generation;

    *head = (struct backup_head){0};
    ENSURE(cbor_check(text) == OK, BACKUP_DAMAGED);
    f = fields_of(text);
    head->id = fields_bytes(&f, HEAD_ID);
    head->account = fields_text(&f, HEAD_ACCOUNT);
    head->region = fields_text(&f, HEAD_REGION);
    generation = fields_int(&f, HEAD_GENERATION);
    head->time = fields_int(&f, HEAD_TIME);
    head->seal = fields_bytes(&f, HEAD_SEAL);
    head->by_root = fields_bytes(&f, HEAD_BY_ROOT);
    read_recipients(&f, head);
    ENSURE(fields_end(&f) == OK && head->id.n == BACKUP_ID, BACKUP_DAMAGED);
    ENSURE(generation >= 1 && generation < UINT32_MAX - 2, BACKUP_DAMAGED);
    head->generation = (uint32_t)generation;
    return OK;
}

fallible backup_look(struct arena *arena, int fd, struct backup_head *head)
{
    struct bytes whole;

    TRY(take_front(arena, fd, &whole));
    return read_head(bytes_after(whole, MAGIC_SIZE + LENGTH), head);
}

/* --- its key --- */

static fallible closed(const struct fault *fault)
{
    return fault == KEEPER_REFUSED || fault == KEEPER_SEALED || fault == AEAD_REFUSED
               ? BACKUP_CLOSED
               : fault;
}

static fallible by_recipient(struct arena *arena, const struct backup_head *head,
                             struct sensitive_view secret, struct sensitive **key)
{
    uint8_t own[AGREE_KEY];
    const struct bytes who = {own, sizeof own};

    TRY(agree_public(secret, own));
    for (size_t i = 0; i < head->who.n; i++)
        if (bytes_same(head->who.at[i], who))
            return closed(agree_open(arena, secret, BY_RECIPIENT(head, who), head->by[i], key));
    return BACKUP_CLOSED;
}

fallible backup_key(struct arena *arena, const struct backup_head *head,
                    const struct backup_opener *opener, struct sensitive **key)
{
    if (opener->recipient != NULL)
        return by_recipient(arena, head, sensitive_view(opener->recipient), key);
    ENSURE(opener->root != NULL, BACKUP_CLOSED);
    return closed(keeper_backup_open(opener->root, arena, head->generation, BY_ROOT(head),
                                     head->by_root, key));
}

/* --- chunks --- */

struct reading {
    struct arena *arena;
    struct arena_mark mark;
    int fd;
    struct sensitive *key;
    uint64_t number, items;
    backup_each_fn *each;
    void *ctx;
    struct backup_tail *tail;
    bool ended;
};

static bool take_item(struct bytes *rest, uint8_t *kind, struct bytes *key, struct bytes *body)
{
    size_t key_n, body_n;

    if (rest->n < ITEM_HEAD)
        return false;
    *kind = rest->at[0];
    key_n = length_of(rest->at + 1);
    body_n = length_of(rest->at + 1 + LENGTH);
    *rest = bytes_after(*rest, ITEM_HEAD);
    return key_n > 0 && bytes_take(rest, key_n, key) && bytes_take(rest, body_n, body);
}

static fallible read_tail(struct reading *r, struct bytes body)
{
    uint64_t items;

    ENSURE(body.n == TAIL_SIZE, BACKUP_DAMAGED);
    items = number_read(body.at);
    ENSURE(items == r->items, BACKUP_DAMAGED);
    *r->tail = (struct backup_tail){.items = items, .commit = number_read(body.at + 8)};
    memcpy(r->tail->journal, body.at + 16, sizeof r->tail->journal);
    r->ended = true;
    return OK;
}

static fallible show(struct reading *r, struct bytes plain)
{
    while (plain.n > 0) {
        struct carried carried = {0};
        uint8_t kind;

        ENSURE(!r->ended && take_item(&plain, &kind, &carried.key, &carried.body), BACKUP_DAMAGED);
        if (kind == ITEM_TAIL) {
            TRY(read_tail(r, carried.body));
            continue;
        }
        ENSURE(kind == ITEM_RECORD || kind == ITEM_ROW, BACKUP_FOREIGN);
        carried.sealed = kind == ITEM_RECORD;
        r->items++;
        if (r->each != NULL)
            TRY(r->each(r->ctx, &carried));
    }
    return OK;
}

/* One that opens as no last one opens as the last, if at all. */
static fallible open_chunk(struct reading *r, struct bytes sealed, struct bytes *plain, bool *last)
{
    uint8_t room[8];
    const struct bytes number = bound_number(room, r->number++);
    const struct fault *fault;

    *last = false;
    fault =
        aead_open_plain(r->arena, sensitive_view(r->key), OF_CHUNK(number, false), sealed, plain);
    if (fault != AEAD_REFUSED)
        return fault;
    *last = true;
    fault =
        aead_open_plain(r->arena, sensitive_view(r->key), OF_CHUNK(number, true), sealed, plain);
    return fault == AEAD_REFUSED ? BACKUP_DAMAGED : fault;
}

static fallible read_chunk(struct reading *r, bool *last)
{
    uint8_t front[LENGTH], *at;
    struct bytes plain;
    size_t n;

    arena_rewind(r->arena, r->mark);
    TRY(take_all(r->fd, front, LENGTH));
    n = length_of(front);
    ENSURE(n > AEAD_EXTRA && n <= CHUNK_MOST + AEAD_EXTRA, BACKUP_DAMAGED);
    at = arena_get(r->arena, n);
    ENSURE(at != NULL, ARENA_SPENT);
    TRY(take_all(r->fd, at, n));
    TRY(open_chunk(r, (struct bytes){at, n}, &plain, last));
    return show(r, plain);
}

static fallible read_chunks(struct reading *r)
{
    uint8_t beyond;
    size_t n;
    bool last = false;

    while (!last)
        TRY(read_chunk(r, &last));
    TRY(take_bytes(r->fd, &beyond, 1, &n));
    return r->ended && n == 0 ? OK : BACKUP_DAMAGED;
}

fallible backup_read(struct arena *arena, int fd, struct sensitive_view key, backup_each_fn *each,
                     void *ctx, struct backup_tail *tail)
{
    struct reading r = {.arena = arena, .fd = fd, .each = each, .ctx = ctx, .tail = tail};
    const struct arena_mark before = arena_mark(arena);
    uint8_t digest[DIGEST_SIZE];
    const struct fault *fault;
    struct bytes whole;

    TRY(take_front(arena, fd, &whole));
    digest_sha256(whole, digest);
    TRY(kdf_derive(arena, key, CHUNK_LABEL, (struct bytes){digest, sizeof digest}, &r.key));
    r.mark = arena_mark(arena);
    fault = read_chunks(&r);
    arena_rewind(arena, before);
    return fault;
}
