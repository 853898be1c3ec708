/* Say how and when a secret is to be rotated. Nothing carries a rotation out yet: to rotate at once
 * is refused as AWS refuses it whose function cannot be called. */
#include "codec/text.h"
#include "core/secrets/rotation.h"

FAULT(SECRET_ROTATION_TOKEN, FAULT_CALLER, "secret.rotation_token",
      "A token that names the new version is needed.");
FAULT(SECRET_TWO_SCHEDULES, FAULT_CALLER, "secret.two_schedules",
      "Either so many days or a schedule expression, not both.");
FAULT(SECRET_NO_SCHEDULE, FAULT_CALLER, "secret.no_schedule",
      "RotationRules need AutomaticallyAfterDays or a ScheduleExpression.");
FAULT(SECRET_NO_FUNCTION, FAULT_STATE, "secret.no_function",
      "Nobody to carry the rotation out was ever named.");
FAULT(SECRET_FUNCTION_UNUSABLE, FAULT_STATE, "secret.function_unusable",
      "The rotation function cannot be called.");
FAULT(SECRET_ROTATING, FAULT_STATE, "secret.rotating",
      "AWSPENDING is on another version than AWSCURRENT: a rotation is not complete.");

static bool given(struct bytes text)
{
    return text.n != 0;
}

static fallible schedule_given(const struct secret_rotate_in *in, struct schedule *schedule)
{
    if (given(in->schedule))
        return schedule_read(in->schedule, schedule);
    *schedule = (struct schedule){.kind = SCHEDULE_DAYS, .every = in->days.value};
    return OK;
}

static fallible rules_fit(const struct secret_rotate_in *in)
{
    struct schedule schedule;

    ENSURE(!in->days.said || !given(in->schedule), SECRET_TWO_SCHEDULES);
    ENSURE(in->days.said || given(in->schedule) || !given(in->duration), SECRET_NO_SCHEDULE);
    if (!in->days.said && !given(in->schedule))
        return OK;
    TRY(schedule_given(in, &schedule));
    return schedule_window_fits(&schedule, rotation_hours(in->duration));
}

/* arn:<partition>:lambda:<region>:<account>:function:<name>, in this partition and region: no other
 * could ever be called. */
static bool function_fits(const struct call *c, struct bytes arn)
{
    const struct bytes wanted[] = {LIT("arn"), c->partition.n != 0 ? c->partition : LIT("aws"),
                                   LIT("lambda"), c->region};
    struct bytes part;
    int64_t number;

    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (!bytes_cut(&arn, ':', &part) || !bytes_same(part, wanted[i]))
            return false;
    return bytes_cut(&arn, ':', &part) && part.n == 12 && text_int(part, &number) && number >= 0 &&
           bytes_cut(&arn, ':', &part) && bytes_same(part, LIT("function")) && arn.n != 0;
}

/* Somebody has to carry it out: a function, or the partner for whom there is a role. */
static fallible carrier_fits(struct call *c, const struct secret_rotate_in *in,
                             const struct secret *before)
{
    const bool partner = given(in->role) || given(before->external_role);

    if (given(in->function))
        ENSURE(function_fits(c, in->function), SECRET_FUNCTION_UNUSABLE);
    else
        ENSURE(given(before->rotation.function) || partner, SECRET_NO_FUNCTION);
    return OK;
}

/* What is not said is at once, as with AWS. */
static fallible waits(struct call *c, const struct secret_rotate_in *in,
                      const struct secret *before)
{
    if (in->at_once.said && !in->at_once.value)
        return OK;
    if (given(in->function) || given(before->rotation.function))
        return SECRET_FUNCTION_UNUSABLE;
    return why(c, SECRET_BEYOND, LIT("A rotation by a partner"));
}

static void configure(struct call *c, const struct secret_rotate_in *in, struct secret *secret)
{
    struct rotation *rotation = &secret->rotation;

    rotation->known = rotation->enabled = true;
    rotation->since = c->now;
    if (given(in->function))
        rotation->function = in->function;
    if (given(in->role))
        secret->external_role = in->role;
    if (in->details.n != 0)
        secret->external = in->details;
    if (!in->days.said && !given(in->schedule))
        return;
    rotation->days = in->days.value;
    rotation->schedule = given(in->schedule) ? in->schedule : (struct bytes){0};
    rotation->duration = given(in->duration) ? in->duration : (struct bytes){0};
}

static fallible run(struct call *c, const void *in_, void *out_)
{
    const struct secret_rotate_in *in = in_;
    struct secret_rotate_out *out = out_;
    struct secret *secret = secret_located(c);

    ENSURE(given(in->token), SECRET_ROTATION_TOKEN);
    TRY(rules_fit(in));
    TRY(secret_changeable(secret));
    TRY(carrier_fits(c, in, secret));
    ENSURE(rotation_pending(secret) == NULL, SECRET_ROTATING);
    TRY(waits(c, in, secret));
    configure(c, in, secret);
    ENSURE(secret->rotation.days != 0 || given(secret->rotation.schedule), SECRET_NO_SCHEDULE);
    secret->changed = c->now;
    TRY(secret_save(c, secret));
    *out = (struct secret_rotate_out){.arn = secret->arn, .name = secret->name};
    return OK;
}

const struct operation secret_rotate = {
    .name = "secret.rotate",
    .action = "secretsmanager:RotateSecret",
    .mode = OPERATION_WRITES,
    .in_size = sizeof(struct secret_rotate_in),
    .out_size = sizeof(struct secret_rotate_out),
    .audit =
        (const struct audited[]){AUDITED(secret_rotate_in, id, "secretId"),
                                 AUDITED(secret_rotate_in, token, "clientRequestToken"),
                                 AUDITED(secret_rotate_in, function, "rotationLambdaARN"),
                                 AUDITED(secret_rotate_in, days, "automaticallyAfterDays"),
                                 AUDITED(secret_rotate_in, schedule, "scheduleExpression"),
                                 AUDITED(secret_rotate_in, duration, "duration"),
                                 AUDITED(secret_rotate_in, role, "externalSecretRotationRoleArn"),
                                 AUDITED(secret_rotate_in, at_once, "rotateImmediately"),
                                 {0}},
    .locate = secret_locate,
    .run = run,
};
