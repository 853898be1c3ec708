/* root: the seal's text is lines of "name value"; what it says is authenticated by what it
 * seals. */
#include "keeper/root.h"

#include "base/buf.h"
#include "codec/hex.h"
#include "crypto/aead.h"
#include "crypto/random.h"

#include <string.h>

enum { SALT = 32, WORDS = 3 };

/* clang-format off */
FAULT(ROOT_WRONG, FAULT_DENIED, "root.wrong", "The passphrase or key file does not open this data folder.");
FAULT(ROOT_MALFORMED, FAULT_STATE, "root.malformed", "The seal of this data folder is damaged, or made by a newer Coffer.");
FAULT(ROOT_KEY_FILE, FAULT_STATE, "root.key-file", "A key file is exactly 32 random bytes.");
FAULT(ROOT_PASSPHRASE, FAULT_CALLER, "root.passphrase", "A passphrase has 1 to 1024 bytes.");

static const struct bytes method_names[] = {
    [ROOT_BY_PASSPHRASE] = {(const uint8_t *)"passphrase", 10},
    [ROOT_BY_KEY_FILE]   = {(const uint8_t *)"key-file", 8},
};
/* clang-format on */

fallible root_make(struct arena *arena, struct sensitive **root)
{
    TRY(sensitive_new_key(arena, KEEPER_ROOT, root));
    return random_fill(sensitive_fill(*root), KEEPER_ROOT);
}

/* The key that the root lies under. A key file is one already. */
static fallible sealing_key(struct arena *arena, const struct root_opener *opener,
                            struct bytes salt, const struct password_cost *cost,
                            struct sensitive **key)
{
    if (opener->method == ROOT_BY_PASSPHRASE) {
        ENSURE(opener->secret.n > 0 && opener->secret.n <= ROOT_PASSPHRASE_MOST, ROOT_PASSPHRASE);
        return password_stretch(arena, opener->secret, salt, cost, key);
    }
    ENSURE(opener->secret.n == KEEPER_ROOT, ROOT_KEY_FILE);
    TRY(sensitive_new_key(arena, KEEPER_ROOT, key));
    memcpy(sensitive_fill(*key), opener->secret.at, KEEPER_ROOT);
    return OK;
}

/* Everything that the seal says about itself: altered anywhere, it does not open. */
static fallible place_of(struct arena *arena, const struct root_sealed *seal, struct bytes *place)
{
    struct buf text = buf_open(arena, 256);
    const struct bytes parts[] = {seal->house.store, seal->house.account, seal->house.region,
                                  method_names[seal->method], seal->salt};

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        buf_add_int(&text, (int64_t)parts[i].n);
        buf_add_byte(&text, ':');
        buf_add(&text, parts[i]);
    }
    buf_add_text(&text, seal->house.dev ? "dev " : "server ");
    buf_add_int(&text, seal->generation);
    buf_add_byte(&text, ' ');
    buf_add_int(&text, seal->cost.memory_kib);
    buf_add_byte(&text, ' ');
    buf_add_int(&text, seal->cost.passes);
    buf_add_byte(&text, ' ');
    buf_add_int(&text, seal->cost.lanes);
    return buf_done(&text, place);
}

static void add_line(struct buf *text, const char *name, struct bytes value)
{
    buf_add_text(text, name);
    buf_add_byte(text, ' ');
    buf_add(text, value);
    buf_add_byte(text, '\n');
}

static void add_hex(struct buf *text, const char *name, struct bytes value)
{
    uint8_t *to;

    buf_add_text(text, name);
    buf_add_byte(text, ' ');
    to = buf_want(text, 2 * value.n);
    if (to != NULL) {
        hex_encode(value, to);
        buf_took(text, 2 * value.n);
    }
    buf_add_byte(text, '\n');
}

static void add_numbers(struct buf *text, const char *name, const uint32_t numbers[], size_t n)
{
    buf_add_text(text, name);
    for (size_t i = 0; i < n; i++) {
        buf_add_byte(text, ' ');
        buf_add_int(text, numbers[i]);
    }
    buf_add_byte(text, '\n');
}

static fallible write_text(struct arena *arena, const struct root_sealed *seal, struct bytes *out)
{
    const uint32_t cost[] = {seal->cost.memory_kib, seal->cost.passes, seal->cost.lanes};
    struct buf text = buf_open(arena, 1024);

    buf_add_text(&text, "coffer-seal 1\n");
    add_line(&text, "kind", seal->house.dev ? LIT("dev") : LIT("server"));
    add_line(&text, "account", seal->house.account);
    add_line(&text, "region", seal->house.region);
    add_hex(&text, "store", seal->house.store);
    add_numbers(&text, "generation", &seal->generation, 1);
    add_line(&text, "method", method_names[seal->method]);
    add_numbers(&text, "argon2id", cost, WORDS);
    add_hex(&text, "salt", seal->salt);
    add_hex(&text, "sealed", seal->sealed);
    return buf_done(&text, out);
}

fallible root_seal(struct arena *arena, const struct root_house *house, uint32_t generation,
                   struct sensitive_view root, const struct root_opener *opener, struct bytes *text)
{
    uint8_t salt[SALT];
    struct root_sealed seal = {.house = *house,
                               .generation = generation,
                               .method = opener->method,
                               .salt = {salt, sizeof salt},
                               .cost = opener->cost};
    struct sensitive *key;
    struct bytes place;

    if (seal.cost.memory_kib == 0)
        seal.cost = *PASSWORD_USUAL;
    TRY(random_fill(salt, sizeof salt));
    TRY(sealing_key(arena, opener, seal.salt, &seal.cost, &key));
    TRY(place_of(arena, &seal, &place));
    TRY(aead_seal(arena, sensitive_view(key), BOUND(FOR_SEAL, place), root, &seal.sealed));
    return write_text(arena, &seal, text);
}

static bool read_number(struct bytes *rest, uint32_t *out)
{
    uint64_t value = 0;
    size_t n = 0;

    while (n < rest->n && rest->at[n] >= '0' && rest->at[n] <= '9' && n < 10)
        value = value * 10 + (uint64_t)(rest->at[n++] - '0');
    if (n == 0 || value > UINT32_MAX)
        return false;
    *rest = bytes_after(*rest, n);
    *out = (uint32_t)value;
    return true;
}

static bool read_cost(struct bytes text, struct password_cost *cost)
{
    uint32_t *const into[] = {&cost->memory_kib, &cost->passes, &cost->lanes};

    for (size_t i = 0; i < WORDS; i++) {
        if (i > 0 && (text.n == 0 || text.at[0] != ' '))
            return false;
        text = bytes_after(text, i > 0);
        if (!read_number(&text, into[i]))
            return false;
    }
    return text.n == 0;
}

/* The next line, which has to be of that name: the order is part of the format. */
static fallible next_line(struct bytes *text, const char *name, struct bytes *value)
{
    struct bytes line, said;

    ENSURE(bytes_cut(text, '\n', &line), ROOT_MALFORMED);
    ENSURE(bytes_cut(&line, ' ', &said) && bytes_same(said, bytes_of(name)), ROOT_MALFORMED);
    *value = line;
    return OK;
}

static fallible next_hex(struct arena *arena, struct bytes *text, const char *name,
                         struct bytes *value)
{
    struct bytes line;
    uint8_t *to;

    TRY(next_line(text, name, &line));
    to = arena_get(arena, line.n / 2 + 1);
    ENSURE(to != NULL, ARENA_SPENT);
    ENSURE(hex_decode(line, to), ROOT_MALFORMED);
    *value = (struct bytes){to, line.n / 2};
    return OK;
}

static fallible read_method(struct bytes value, enum root_method *method)
{
    for (size_t i = ROOT_BY_PASSPHRASE; i <= ROOT_BY_KEY_FILE; i++) {
        if (bytes_same(value, method_names[i])) {
            *method = (enum root_method)i;
            return OK;
        }
    }
    return ROOT_MALFORMED;
}

static fallible read_house(struct arena *arena, struct bytes *text, struct root_house *house)
{
    struct bytes kind;

    TRY(next_line(text, "kind", &kind));
    TRY(next_line(text, "account", &house->account));
    TRY(next_line(text, "region", &house->region));
    TRY(next_hex(arena, text, "store", &house->store));
    house->dev = bytes_same(kind, LIT("dev"));
    ENSURE(house->dev || bytes_same(kind, LIT("server")), ROOT_MALFORMED);
    ENSURE(house->store.n == ROOT_STORE_ID, ROOT_MALFORMED);
    return OK;
}

fallible root_read(struct arena *arena, struct bytes text, struct root_sealed *seal)
{
    struct bytes value;

    TRY(next_line(&text, "coffer-seal", &value));
    ENSURE(bytes_same(value, LIT("1")), ROOT_MALFORMED);
    TRY(read_house(arena, &text, &seal->house));
    TRY(next_line(&text, "generation", &value));
    ENSURE(read_number(&value, &seal->generation) && seal->generation > 0 && value.n == 0,
           ROOT_MALFORMED);
    TRY(next_line(&text, "method", &value));
    TRY(read_method(value, &seal->method));
    TRY(next_line(&text, "argon2id", &value));
    ENSURE(read_cost(value, &seal->cost), ROOT_MALFORMED);
    TRY(next_hex(arena, &text, "salt", &seal->salt));
    TRY(next_hex(arena, &text, "sealed", &seal->sealed));
    ENSURE(seal->salt.n == SALT && seal->sealed.n == KEEPER_ROOT + AEAD_EXTRA && text.n == 0,
           ROOT_MALFORMED);
    return OK;
}

fallible root_unseal(struct arena *arena, const struct root_sealed *seal,
                     const struct root_opener *opener, struct sensitive **root)
{
    struct sensitive *key;
    struct bytes place;
    const struct fault *fault;

    ENSURE(opener->method == seal->method, ROOT_WRONG);
    TRY(sealing_key(arena, opener, seal->salt, &seal->cost, &key));
    TRY(place_of(arena, seal, &place));
    fault = aead_open_key(arena, sensitive_view(key), BOUND(FOR_SEAL, place), seal->sealed, root);
    return fault == AEAD_REFUSED ? ROOT_WRONG : fault;
}
