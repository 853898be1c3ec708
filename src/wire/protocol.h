/* protocol: one way of asking Coffer for something. A protocol recognises its requests, says who is
 * asking, and translates: its routes name an operation and spell that operation's members in its
 * own words. */
#pragma once

#include "core/limits.h"
#include "core/operation.h"

struct http_request;
struct http_reply;

/* Where in the request a member stands, whether it has to, and how it is written there. */
enum place { IN_BODY, IN_PATH, IN_QUERY, IN_HEADER };
enum need { OPTIONAL, REQUIRED };
enum spelling {
    AS_USUAL, /* a text as text, a list as a list, a time as the protocol's times are */
    AS_BASE64,
    AS_PERCENT, /* a text percent-coded, in XML replies alone: a policy's document */
    AS_LONG,    /* a number of 64 bits: a refusal names its kind */
    AS_MAP, /* a list as {"name": value}: an element's first row is the name, the next the value */
};

/* A set of allowed texts: in words for the sentence, in code for the check. */
struct pattern {
    const char *said;
    bool (*fits)(struct bytes);
};

/* One value of a choice. The end of the list has no word. */
struct word {
    struct bytes wire;
    int value;
};

/* One row: a member of a struct, and how the wire spells and bounds it. */
struct field {
    struct bytes wire; /* "SecretId"; none ends the list, an empty one is an element that has no
                          name of its own */
    struct member member;
    enum spelling spelling;
    enum place place;
    enum need need;
    uint32_t least, most; /* length of a text or list, value of a number; most 0: no bound */
    enum limit limit;     /* of the house, that raises `most` */
    const struct pattern *pattern;
    const struct word *words; /* of a choice; also of a text that is one of a few */
    const struct shape *each; /* of a list: one element; of a group: the rows inside */
};

/* A member's value before the request is read (see WITH). */
struct preset {
    struct member member;
    struct bytes said;
};

/* Rows about one struct. */
struct shape {
    size_t size;
    const struct field *rows;
};

/* clang-format off */
#define WORD(s) {(const uint8_t *)("" s), sizeof(s) - 1}

/* The first argument is the tag of the struct that the row speaks of: secret_put_in, secret_put_out, pair. */
#define IN(...)   .in  = ROWS(0, __VA_ARGS__)
#define OUT(...)  .out = ROWS(0, __VA_ARGS__)
#define NOTHING   OUT({{0}, {0}})
#define ROWS(size_, ...) &(const struct shape){(size_), (const struct field[]){__VA_ARGS__, {{0}, {0}}}}
#define NAME(wire_) .wire = WORD(wire_)
#define SPAN(lo, hi) .least = (lo), .most = (hi)

#define NEED(T, m, wire_, lo, hi, ...) {NAME(wire_), .member = MEMBER(T, m), .need = REQUIRED, SPAN(lo, hi), ##__VA_ARGS__}
#define MAY(T, m, wire_, lo, hi, ...)  {NAME(wire_), .member = MEMBER(T, m), SPAN(lo, hi), ##__VA_ARGS__}
#define PATH(T, m, wire_, lo, hi, ...) {NAME(wire_), .member = MEMBER(T, m), .place = IN_PATH, .need = REQUIRED, SPAN(lo, hi), ##__VA_ARGS__}
#define QUERY(T, m, wire_, lo, hi, ...) {NAME(wire_), .member = MEMBER(T, m), .place = IN_QUERY, SPAN(lo, hi), ##__VA_ARGS__}
#define GIVE(T, m, wire_, ...)         {NAME(wire_), .member = MEMBER(T, m), ##__VA_ARGS__}

#define GROUP(wire_, ...)                             {NAME(wire_), .member = {.kind = KIND_GROUP}, .each = ROWS(0, __VA_ARGS__)}
#define LIST(T, m, wire_, el, as, lo, hi, ...)        {NAME(wire_), .member = LIST_MEMBER(T, m, el), .each = &el##_as_##as, SPAN(lo, hi), ##__VA_ARGS__}
#define MAP(T, m, wire_, el, as, lo, hi, ...)         LIST(T, m, wire_, el, as, lo, hi, .spelling = AS_MAP, ##__VA_ARGS__)
#define CHOICE(T, m, wire_, e, as, ...)               {NAME(wire_), .member = ENUM_MEMBER(T, m, e), .words = e##_as_##as, ##__VA_ARGS__}

/* A member's value before the request is read: a default where the route has a row for it, else fixed. Spelt as on the wire. */
#define WITH(...)         .presets = (const struct preset[]){__VA_ARGS__, {{0}, {0}}}
#define SET(T, m, said_)  {.member = MEMBER(T, m), .said = WORD(said_)}

#define MUST         .need = REQUIRED
#define BASE64       .spelling = AS_BASE64
#define PERCENT      .spelling = AS_PERCENT
#define LONG         .spelling = AS_LONG
#define MATCHES(p)   .pattern = &(p)
#define ONE_OF(w)    .words = (w)
#define RAISED(l)    .limit = (l)

/* How one `struct el` is spelt, by the name el_as_<as>: a list of another element finds no such name. */
#define SHAPE(el, as, ...) const struct shape el##_as_##as = {sizeof(struct el), (const struct field[]){__VA_ARGS__, {{0}, {0}}}}
/* The single row of a list of texts: the element is the text. */
#define ITEM(lo, hi, ...)  {NAME(""), .member = {.kind = KIND_TEXT}, .need = REQUIRED, SPAN(lo, hi), ##__VA_ARGS__}
#define WORDS(e, as, ...)  const struct word e##_as_##as[] = {__VA_ARGS__, {{0}, 0}}
#define SAY(wire_, value_) {WORD(wire_), (value_)}
/* clang-format on */

/* One name that a protocol knows: an operation in its words. A service's table ends with {0}. */
struct route {
    const char *name;
    const struct shape *in, *out;
    const struct preset *presets;
    const struct operation *operation;
    uint16_t success; /* 0: 200 */
    bool empty;       /* XML: there is a result, though it says nothing */
};
#define ROUTE(name_, v, ...)                          \
    {                                                 \
        .name = (name_), .operation = &v, __VA_ARGS__ \
    }

/* What a fault is called on the wire: by a row of its own, else by its class's. */
struct fault_row {
    const struct fault *fault; /* or NULL: this row answers for a whole class */
    enum fault_class class;
    uint16_t status;
    const char *code; /* "ResourceNotFoundException", "SecretNotFound", ... */
    const char *text; /* this cloud's sentence, its {} filled by call->subjects; NULL: call->detail
                         or the fault's own; "": call->detail or nothing */
};

/* One protocol; constant, for all threads. */
struct protocol {
    const char *name;
    bool named_in_body; /* what is asked stands in the body: the head alone has no route */
    bool (*claims)(const struct http_request *);
    /* NULL: nothing of that name. `claims` has said yes. */
    const struct route *(*route)(const struct http_request *);

    /* Who asks, in the call's snapshot: sets who or leaves with a refusal, from head and body's
     * hash alone. `head_only`: the body has not been read; OK then means that nothing in the head
     * speaks against reading it. */
    fallible (*authenticate)(struct call *, const struct http_request *, bool head_only);
    fallible (*decode)(struct call *, const struct http_request *, const struct route *, void *in);
    fallible (*encode)(struct call *, const struct http_request *, const struct route *,
                       const void *out, struct http_reply *);

    /* Fills the reply from the fault: never fails; when memory is spent the reply has a status and
     * no body. `route` may be NULL. */
    void (*refuse)(struct call *, const struct http_request *, const struct route *,
                   const struct fault *, struct http_reply *);

    /* What the journal calls the request; may look at the head only. Fills call->words. */
    void (*words)(struct call *, const struct http_request *, const struct route *);
};

extern const struct protocol protocol_aws_json, protocol_aws_query, protocol_native;

extern const struct fault ROUTE_UNKNOWN[1]; /* nothing of that name */

/* The first that claims it; the native one takes what nobody else does. Never NULL. */
const struct protocol *protocol_of(const struct http_request *);

/* All routes with their protocol, for tests and documents: calls `each` for every one. */
void protocol_each_route(void (*each)(void *ctx, const struct protocol *, const char *service,
                                      const struct route *),
                         void *ctx);
