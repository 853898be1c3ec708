/* checkpoint: the journal's own records, spelt and read in one fixed form. */
#include "core/audit/checkpoint.h"

#include "codec/hex.h"
#include "crypto/digest.h"
#include "crypto/sign.h"
#include "keeper/keeper.h"

#include <stdio.h>
#include <string.h>

#define SEGMENT_WORD    "{\"eventName\":\"journal.segment\",\"coffer\":{\"format\":1,\"before\":\""
#define CHECKPOINT_WORD "{\"eventName\":\"journal.checkpoint\",\"coffer\":{\"anchors\":"
#define END_WORD        "{\"eventName\":\"journal.end\",\"coffer\":{\"anchors\":"
#define TORN_WORD       "{\"eventName\":\"journal.torn\",\"coffer\":{\"bytes\":"
#define RETIRED_WORD    "{\"eventName\":\"journal.retired\",\"coffer\":{\"first\":"
#define KEY_WORD        "{\"eventName\":\"journal.key\",\"coffer\":{\"generation\":"
#define ENDORSED_WORD   "coffer journal key 1"
#define SIGNED_WORD     "coffer journal checkpoint 1"

enum { ENDORSED_SIZE = sizeof ENDORSED_WORD + sizeof(uint64_t) + PUBLIC_SIZE };
enum { SIGNED_SIZE = sizeof SIGNED_WORD + 3 * sizeof(uint64_t) + CHAIN_SIZE };

/* What is signed: the word with its NUL, then everything that the checkpoint says, in fixed
 * widths. */
static struct bytes signed_bytes(const struct journal_anchor *a, uint8_t room[SIGNED_SIZE])
{
    uint8_t *at = room;

    memcpy(at, SIGNED_WORD, sizeof SIGNED_WORD);
    at = line_put_u64(at + sizeof SIGNED_WORD, a->sequence);
    at = line_put_u64(line_put_u64(at, a->commit), (uint64_t)a->time);
    memcpy(at, a->chain, CHAIN_SIZE);
    return (struct bytes){room, SIGNED_SIZE};
}

static void hex_text(const uint8_t *at, size_t n, char *out)
{
    hex_encode((struct bytes){at, n}, (uint8_t *)out);
    out[2 * n] = '\0';
}

fallible checkpoint_make(struct keeper *keeper, enum own kind, struct checkpoint *c,
                         uint8_t room[CHECKPOINT_MOST], struct bytes *text)
{
    uint8_t message[SIGNED_SIZE];
    char head[CHAIN_HEX + 1], signature[2 * SIGNATURE_SIZE + 1];
    int n;

    c->generation = keeper->generation;
    TRY(keeper_journal_sign(keeper, c->generation, signed_bytes(&c->at, message), c->signature));
    hex_text(c->at.chain, CHAIN_SIZE, head);
    hex_text(c->signature, SIGNATURE_SIZE, signature);
    n = snprintf((char *)room, CHECKPOINT_MOST,
                 "%s%llu,\"head\":\"%s\",\"lastCommit\":%llu,\"timeMs\":%lld,\"generation\":%u,"
                 "\"signature\":\"%s\"",
                 kind == OWN_END ? END_WORD : CHECKPOINT_WORD, (unsigned long long)c->at.sequence,
                 head, (unsigned long long)c->at.commit, (long long)c->at.time, c->generation,
                 signature);
    *text = (struct bytes){room, (size_t)n};
    return OK;
}

static bool take_checkpoint(struct bytes rest, struct checkpoint *c)
{
    uint64_t time, generation;
    const bool read =
        line_take_number(&rest, &c->at.sequence) && line_take_word(&rest, LIT(",\"head\":\"")) &&
        line_take_hex(&rest, c->at.chain, CHAIN_SIZE) &&
        line_take_word(&rest, LIT("\",\"lastCommit\":")) &&
        line_take_number(&rest, &c->at.commit) && line_take_word(&rest, LIT(",\"timeMs\":")) &&
        line_take_number(&rest, &time) && line_take_word(&rest, LIT(",\"generation\":")) &&
        line_take_number(&rest, &generation) && line_take_word(&rest, LIT(",\"signature\":\"")) &&
        line_take_hex(&rest, c->signature, SIGNATURE_SIZE) && bytes_same(rest, LIT("\""));

    if (!read || time > INT64_MAX || generation > UINT32_MAX)
        return false;
    c->at.time = (int64_t)time;
    c->generation = (uint32_t)generation;
    return true;
}

static struct bytes endorsed_bytes(const struct checkpoint *c, uint8_t room[ENDORSED_SIZE])
{
    uint8_t *at = room;

    memcpy(at, ENDORSED_WORD, sizeof ENDORSED_WORD);
    at = line_put_u64(at + sizeof ENDORSED_WORD, c->generation);
    memcpy(at, c->at.chain, PUBLIC_SIZE);
    return (struct bytes){room, ENDORSED_SIZE};
}

fallible endorsement_make(struct keeper *keeper, struct checkpoint *c,
                          uint8_t room[CHECKPOINT_MOST], struct bytes *text)
{
    uint8_t message[ENDORSED_SIZE];
    char key[2 * PUBLIC_SIZE + 1], signature[2 * SIGNATURE_SIZE + 1];
    int n;

    TRY(keeper_journal_sign(keeper, keeper->generation, endorsed_bytes(c, message), c->signature));
    hex_text(c->at.chain, PUBLIC_SIZE, key);
    hex_text(c->signature, SIGNATURE_SIZE, signature);
    n = snprintf((char *)room, CHECKPOINT_MOST,
                 KEY_WORD "%u,\"publicKey\":\"%s\",\"by\":%u,\"signature\":\"%s\"", c->generation,
                 key, keeper->generation, signature);
    *text = (struct bytes){room, (size_t)n};
    return OK;
}

static bool take_key(struct bytes rest, struct checkpoint *c)
{
    uint64_t generation, by;
    const bool read =
        line_take_number(&rest, &generation) && line_take_word(&rest, LIT(",\"publicKey\":\"")) &&
        line_take_hex(&rest, c->at.chain, PUBLIC_SIZE) &&
        line_take_word(&rest, LIT("\",\"by\":")) && line_take_number(&rest, &by) &&
        line_take_word(&rest, LIT(",\"signature\":\"")) &&
        line_take_hex(&rest, c->signature, SIGNATURE_SIZE) && bytes_same(rest, LIT("\""));

    if (!read || generation > UINT32_MAX || by >= generation)
        return false;
    c->generation = (uint32_t)generation;
    return true;
}

static bool take_head(struct bytes rest, struct segment_head *head)
{
    return line_take_hex(&rest, head->before, CHAIN_SIZE) &&
           line_take_word(&rest, LIT("\",\"lastCommit\":")) &&
           line_take_number(&rest, &head->commit) &&
           line_take_word(&rest, LIT(",\"lastCommitRecords\":")) &&
           line_take_number(&rest, &head->commit_records) && rest.n == 0;
}

static bool take_retired(struct bytes rest, struct journal_anchor *last)
{
    uint64_t first, time;
    const bool read =
        line_take_number(&rest, &first) && line_take_word(&rest, LIT(",\"through\":")) &&
        line_take_number(&rest, &last->sequence) && line_take_word(&rest, LIT(",\"head\":\"")) &&
        line_take_hex(&rest, last->chain, CHAIN_SIZE) &&
        line_take_word(&rest, LIT("\",\"timeMs\":")) && line_take_number(&rest, &time);

    if (!read || rest.n != 0 || time > INT64_MAX)
        return false;
    last->time = (int64_t)time;
    return true;
}

bool own_read(struct bytes text, enum own *kind, struct segment_head *head, struct checkpoint *c)
{
    *kind = OWN_NOTHING;
    if (!bytes_begins(text, LIT("{\"eventName\":\"journal.")))
        return true;
    if (line_take_word(&text, LIT(SEGMENT_WORD))) {
        *kind = OWN_SEGMENT;
        return take_head(text, head);
    }
    if (line_take_word(&text, LIT(RETIRED_WORD))) {
        *kind = OWN_RETIRED;
        return take_retired(text, &c->at);
    }
    if (line_take_word(&text, LIT(KEY_WORD))) {
        *kind = OWN_KEY;
        return take_key(text, c);
    }
    if (line_take_word(&text, LIT(CHECKPOINT_WORD)))
        *kind = OWN_CHECKPOINT;
    else if (line_take_word(&text, LIT(END_WORD)))
        *kind = OWN_END;
    else {
        *kind = OWN_TORN;
        return true;
    }
    return take_checkpoint(text, c);
}

bool endorsement_holds(const struct checkpoint *c, struct bytes public_key)
{
    uint8_t message[ENDORSED_SIZE];

    return sign_check(public_key, endorsed_bytes(c, message),
                      (struct bytes){c->signature, SIGNATURE_SIZE}) == OK;
}

bool checkpoint_holds(const struct checkpoint *c, struct bytes public_key)
{
    uint8_t message[SIGNED_SIZE];

    return sign_check(public_key, signed_bytes(&c->at, message),
                      (struct bytes){c->signature, SIGNATURE_SIZE}) == OK;
}

struct bytes segment_head_text(const struct segment_head *head, uint8_t room[CHECKPOINT_MOST])
{
    char before[CHAIN_HEX + 1];
    int n;

    hex_text(head->before, CHAIN_SIZE, before);
    n = snprintf((char *)room, CHECKPOINT_MOST,
                 SEGMENT_WORD "%s\",\"lastCommit\":%llu,\"lastCommitRecords\":%llu", before,
                 (unsigned long long)head->commit, (unsigned long long)head->commit_records);
    return (struct bytes){room, (size_t)n};
}

struct bytes retired_text(uint64_t first, const struct journal_anchor *last,
                          uint8_t room[CHECKPOINT_MOST])
{
    char head[CHAIN_HEX + 1];
    int n;

    hex_text(last->chain, CHAIN_SIZE, head);
    n = snprintf((char *)room, CHECKPOINT_MOST,
                 RETIRED_WORD "%llu,\"through\":%llu,\"head\":\"%s\",\"timeMs\":%lld",
                 (unsigned long long)first, (unsigned long long)last->sequence, head,
                 (long long)last->time);
    return (struct bytes){room, (size_t)n};
}

struct bytes torn_text(struct bytes cut, uint8_t room[CHECKPOINT_MOST])
{
    uint8_t digest[DIGEST_SIZE];
    char shown[2 * DIGEST_SIZE + 1];
    int n;

    digest_sha256(cut, digest);
    hex_text(digest, DIGEST_SIZE, shown);
    n = snprintf((char *)room, CHECKPOINT_MOST, TORN_WORD "%zu,\"sha256\":\"%s\"", cut.n, shown);
    return (struct bytes){room, (size_t)n};
}
