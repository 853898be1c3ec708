/* Regions by their names. */
#include "core/region.h"

#define NAME(s)                                \
    {                                          \
        (const uint8_t *)("" s), sizeof(s) - 1 \
    }

static bool letters(struct bytes word, size_t least, size_t most)
{
    for (size_t i = 0; i < word.n; i++)
        if (word.at[i] < 'a' || word.at[i] > 'z')
            return false;
    return word.n >= least && word.n <= most;
}

bool region_formed(struct bytes region)
{
    struct bytes rest = region, word;
    size_t words = 0;

    while (bytes_cut(&rest, '-', &word)) {
        if (!letters(word, words == 0 ? 2 : 1, words == 0 ? 4 : region.n))
            return false;
        words++;
    }
    for (size_t i = 0; i < rest.n; i++)
        if (rest.at[i] < '0' || rest.at[i] > '9')
            return false;
    return words >= 2 && rest.n >= 1 && rest.n <= 2;
}

bool region_served(const struct house *house, struct bytes region)
{
    if (house->region_count == 0)
        return region_formed(region);
    for (size_t i = 0; i < house->region_count; i++)
        if (bytes_same(house->regions[i], region))
            return true;
    return false;
}

static const struct {
    struct bytes begin, partition, first;
} partitions[] = {
    {NAME("cn-"), NAME("aws-cn"), NAME("cn-north-1")},
    {NAME("us-gov-"), NAME("aws-us-gov"), NAME("us-gov-west-1")},
    {NAME("us-iso-"), NAME("aws-iso"), NAME("us-iso-east-1")},
    {NAME("us-isob-"), NAME("aws-iso-b"), NAME("us-isob-east-1")},
    {NAME("eu-isoe-"), NAME("aws-iso-e"), NAME("eu-isoe-west-1")},
    {NAME("us-isof-"), NAME("aws-iso-f"), NAME("us-isof-south-1")},
    {NAME("eusc-"), NAME("aws-eusc"), NAME("eusc-de-east-1")},
    {NAME(""), NAME("aws"), NAME("us-east-1")},
};

static size_t partition_of(struct bytes region)
{
    size_t i = 0;

    while (!bytes_begins(region, partitions[i].begin))
        i++;
    return i;
}

struct bytes region_partition(struct bytes region)
{
    return partitions[partition_of(region)].partition;
}

bool region_is_first(const struct house *house, struct bytes region)
{
    return bytes_same(region, partitions[partition_of(house->region)].first);
}
