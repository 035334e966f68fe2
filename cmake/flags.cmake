# Flags of our own code. Generated code links jielian_features only.
add_library(jielian_features INTERFACE)
target_compile_definitions(jielian_features INTERFACE _GNU_SOURCE JIELIAN_VERSION="${PROJECT_VERSION}")
# <jielian/LIB/NOUN.h> for the contracts of lib/; headers that stand beside their source are named from the
# top of the tree by the other folders.
target_include_directories(jielian_features INTERFACE ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR})

add_library(jielian_flags INTERFACE)
target_link_libraries(jielian_flags INTERFACE jielian_features)
target_compile_options(jielian_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes
    -Wmissing-prototypes -Wswitch-enum -Wformat=2 -Wvla)
if(JIELIAN_WERROR)
    target_compile_options(jielian_flags INTERFACE -Werror)
endif()

# Hardening for what is shipped; frame pointers so that a profile reads well.
add_compile_options(-fno-omit-frame-pointer)
if(JIELIAN_SANITIZE)
    add_compile_options(-fsanitize=${JIELIAN_SANITIZE} -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${JIELIAN_SANITIZE})
elseif(CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
    add_compile_options(-fstack-protector-strong -fPIE)
    add_compile_definitions(_FORTIFY_SOURCE=2)
    add_link_options(-pie -Wl,-z,relro -Wl,-z,now)
endif()
# Asserts of ours (JL_ASSERT) do not depend on NDEBUG.
set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O2 -g")
# What a debugger can follow; the sanitizers report more of code that is as it was written.
if(NOT JIELIAN_SANITIZE)
    set(CMAKE_C_FLAGS_DEBUG "-Og -g")
endif()
