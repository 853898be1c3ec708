/* remote_names: one page of names that begin as the wrong one does, and the nearest of them. */
#include "bin/remote_names.h"

#include "base/file.h"
#include "cli/near.h"
#include "cli/walk.h"

#include <string.h>

struct nearest {
    struct arena *arena;
    struct bytes typed, name;
    unsigned distance;
};

static struct service_call list_call(struct arena *arena, struct bytes begin)
{
    struct buf buf = buf_open(arena, 256);
    struct json_writer json = json_writer(&buf);
    struct bytes body = {0};

    json_put_raw(&json, LIT("{\"MaxResults\":100,\"Filters\":[{\"Key\":\"name\",\"Values\":["));
    json = json_writer(&buf);
    json_put_text(&json, begin);
    buf_add(&buf, LIT("]}]}"));
    if (buf_done(&buf, &body) != OK)
        body = LIT("{}");
    return (struct service_call){.operation = "ListSecrets", .body = {body.at, body.n}};
}

static void weigh(struct nearest *nearest, struct bytes name)
{
    unsigned distance = near_distance(nearest->typed, name);

    if (distance >= nearest->distance)
        return;
    nearest->distance = distance;
    nearest->name = name;
}

static const char *sentence(struct nearest *nearest)
{
    struct buf buf = buf_open(nearest->arena, 128);
    struct bytes text;

    if (nearest->name.at == NULL || nearest->distance == 0) /* it is there: a version is not */
        return NULL;
    buf_add_text(&buf, "did you mean '");
    buf_add(&buf, nearest->name);
    buf_add_text(&buf, "'?");
    return buf_done(&buf, &text) == OK ? file_text(nearest->arena, text) : NULL;
}

const char *remote_nearest_name(struct remote *r)
{
    struct nearest nearest = {r->arena, bytes_of(r->name), {0}, NEAR_NONE};
    struct bytes begin = {nearest.typed.at, nearest.typed.n / 2 < 3 ? nearest.typed.n / 2 : 3};
    struct service_call call;
    struct fetch_reply reply;
    struct walk walk;
    struct bytes item;

    if (bytes_begins(nearest.typed, LIT("arn:")) || begin.n == 0)
        return NULL;
    call = list_call(r->arena, begin);
    if (service_ask(r->arena, &r->settings, &call, &reply) != OK || reply.status != 200)
        return NULL;
    walk = walk_list((struct bytes){reply.body.at, reply.body.n}, LIT("SecretList"));
    while (walk_element(&walk, &item))
        weigh(&nearest, walk_find_text(r->arena, item, LIT("Name")));
    return sentence(&nearest);
}
