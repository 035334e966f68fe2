/* Finding things in a finished catalogue. */
#include "catalogue.h"

#include "jielian/catalogue/catalogue.h"

#include <string.h>

uint64_t jl_catalogue_version(const struct jl_catalogue *catalogue) {
    return catalogue->version;
}

size_t jl_catalogue_type_count(const struct jl_catalogue *catalogue) {
    return catalogue->type_count;
}

const struct jl_type *jl_catalogue_type_at(const struct jl_catalogue *catalogue, size_t index) {
    return index < catalogue->type_count ? &catalogue->types[index] : NULL;
}

const struct jl_type *jl_catalogue_type(const struct jl_catalogue *catalogue, uint32_t number) {
    size_t low = 0;
    size_t high = catalogue->type_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct jl_type *type = catalogue->by_number[middle];
        if (type->number == number) {
            return type;
        }
        if (type->number < number) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

const struct jl_type *jl_catalogue_type_named(const struct jl_catalogue *catalogue,
                                              const char *name) {
    size_t low = 0;
    size_t high = catalogue->type_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(catalogue->by_name[middle]->name, name);
        if (order == 0) {
            return catalogue->by_name[middle];
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

size_t jl_catalogue_figure_count(const struct jl_catalogue *catalogue) {
    return catalogue->figure_count;
}

const struct jl_figure *jl_catalogue_figure_at(const struct jl_catalogue *catalogue, size_t index) {
    return index < catalogue->figure_count ? &catalogue->figures[index] : NULL;
}
