"""Wrong answers to the exercises of week 10a, as students write them."""

import math

import numpy as np


def normals(first, second):
    n1 = np.cross(first[0], first[1])
    n2 = np.cross(second[0], second[1])
    return n1 / np.linalg.norm(n1), n2 / np.linalg.norm(n2)


def angle_of(u, v):
    return math.degrees(math.acos(np.dot(u, v) / (np.linalg.norm(u) * np.linalg.norm(v))))


def in_radians(first, second):
    n1, n2 = normals(first, second)
    return np.arccos(abs(n1 @ n2))


def may_be_obtuse(first, second):
    n1, n2 = normals(first, second)
    return np.rad2deg(np.arccos(np.clip(n1 @ n2, -1, 1)))


def larger_of_the_two(first, second):
    n1, n2 = normals(first, second)
    angle = np.degrees(np.arccos(n1 @ n2))
    return max(angle, 180 - angle)


def other_way_round(first, second):
    n1 = np.cross(first[0], first[1])
    n2 = np.cross(second[1], second[0])
    return angle_of(n1, n2)


def long_normals(first, second):
    return np.degrees(np.arccos(np.abs(np.cross(*first) @ np.cross(*second))))


def long_normals_clipped(first, second):
    n1, n2 = np.cross(first[0], first[1]), np.cross(second[0], second[1])
    cos = np.clip(np.dot(n1, n2), -1.0, 1.0)
    return np.degrees(np.arccos(cos))


def first_normal_alone(first, second):
    n1 = np.cross(first[0], first[1])
    n1 /= np.linalg.norm(n1)
    n2 = np.cross(second[0], second[1])
    return np.degrees(np.arccos(abs(n1 @ n2)))


def divided_twice(first, second):
    n1, n2 = np.cross(first[0], first[1]), np.cross(second[0], second[1])
    with np.errstate(invalid="ignore"):
        return np.degrees(np.arccos(abs(n1 @ n2) / (np.sum(n1**2) * np.sum(n2**2))))


def arcsine(first, second):
    n1, n2 = normals(first, second)
    return np.degrees(np.arcsin(abs(n1 @ n2)))


def arcsine_with_sign(first, second):
    n1, n2 = normals(first, second)
    return np.degrees(np.arcsin(n1 @ n2))


def cosine_alone(first, second):
    n1, n2 = normals(first, second)
    return abs(n1 @ n2)


def cosine_with_sign(first, second):
    n1, n2 = normals(first, second)
    return float(np.inner(n1, n2))


def rows_to_length_one(first, second):
    first = first / np.linalg.norm(first, axis=1, keepdims=True)
    second = second / np.linalg.norm(second, axis=1, keepdims=True)
    return np.degrees(np.arccos(abs(np.cross(first[0], first[1]) @ np.cross(second[0], second[1]))))


def principal_angles_of_the_rows(first, second):
    s = np.linalg.svd(first @ second.T, compute_uv=False)
    return np.degrees(np.arccos(s[-1]))


def first_vectors(first, second):
    return angle_of(first[0], second[0])


def first_vectors_acute(first, second):
    angle = angle_of(first[0], second[0])
    return min(angle, 180 - angle)


def smallest_of_rows(first, second):
    return min(angle_of(u, v) for u in first for v in second)


def smallest_of_rows_acute(first, second):
    a = first / np.linalg.norm(first, axis=1, keepdims=True)
    b = second / np.linalg.norm(second, axis=1, keepdims=True)
    return np.degrees(np.arccos(np.abs(a @ b.T).max()))


def largest_of_rows_acute(first, second):
    a = first / np.linalg.norm(first, axis=1, keepdims=True)
    b = second / np.linalg.norm(second, axis=1, keepdims=True)
    return np.degrees(np.arccos(np.abs(a @ b.T).min()))


def mean_of_rows(first, second):
    angles = []
    for u in first:
        for v in second:
            angles.append(angle_of(u, v))
    return sum(angles) / len(angles)


def shared_line(first, second):
    q1, q2 = np.linalg.qr(first.T)[0], np.linalg.qr(second.T)[0]
    s = np.linalg.svd(q1.T @ q2)[1]
    return np.degrees(np.arccos(min(s.max(), 1)))


def mixed_planes(first, second):
    n1, n2 = np.cross(first, second)
    return np.degrees(np.arccos(abs(n1 @ n2) / (np.linalg.norm(n1) * np.linalg.norm(n2))))


def both_principal_angles(first, second):
    q1, q2 = np.linalg.qr(first.T)[0], np.linalg.qr(second.T)[0]
    return np.degrees(np.arccos(np.clip(np.linalg.svd(q1.T @ q2)[1], 0, 1)))


def third_row(first, second):
    n1 = np.cross(first[1], first[2])
    n2 = np.cross(second[1], second[2])
    return angle_of(n1, n2)


def find(train):
    mean = train.mean(axis=0)
    return mean, np.linalg.svd(train - mean, full_matrices=False)[2]


def measure(train, test, parts):
    mean = train.mean(axis=0)
    code = (test - mean) @ parts.T
    return np.mean((test - (code @ parts + mean)) ** 2)


def rebuild(train, test, count):
    mean, vt = find(train)
    return (test - mean) @ vt[:count].T @ vt[:count] + mean


def never_centred(train, test, count):
    _, _, vt = np.linalg.svd(train, full_matrices=False)
    rebuilt = test @ vt[:count].T @ vt[:count]
    return np.mean((test - rebuilt) ** 2)


def centred_too_late(train, test, count):
    parts = np.linalg.svd(train)[2][:count]
    return measure(train, test, parts)


def test_with_mean(train, test, count):
    _, vt = find(train)
    return ((test - (test @ vt[:count].T) @ vt[:count]) ** 2).mean()


def added_but_not_removed(train, test, count):
    mean, vt = find(train)
    code = test @ vt[:count].T
    return ((test - (code @ vt[:count] + mean)) ** 2).mean()


def mean_not_added(train, test, count):
    mean, vt = find(train)
    code = (test - mean) @ vt[:count].T
    return ((test - code @ vt[:count]) ** 2).mean()


def compared_without_mean(train, test, count):
    return np.mean((test - train.mean(axis=0) - rebuild(train, test, count)) ** 2)


def mean_of_test(train, test, count):
    _, vt = find(train)
    centred = test - test.mean(axis=0)
    return np.mean((centred - centred @ vt[:count].T @ vt[:count]) ** 2)


def one_mean_for_all(train, test, count):
    mean = train.mean()
    vt = np.linalg.svd(train - mean)[2][:count]
    return np.square(test - mean - (test - mean) @ vt.T @ vt).mean()


def one_mean_for_each_set(train, test, count):
    vt = np.linalg.svd(train - np.mean(train))[2][:count]
    centred = test - np.mean(test)
    return np.square(centred - centred @ vt.T @ vt).mean()


def mean_of_each_picture(train, test, count):
    vt = np.linalg.svd(train - train.mean(axis=1, keepdims=True))[2][:count]
    centred = test - test.mean(axis=1, keepdims=True)
    return np.square(centred - centred @ vt.T @ vt).mean()


def mean_along_the_wrong_axis(train, test, count):
    mean = train.mean(axis=1)
    vt = np.linalg.svd(train - mean)[2][:count]
    return np.mean((test - ((test - mean) @ vt.T @ vt + mean)) ** 2)


def fitted_on_test(train, test, count):
    return measure(test, test, find(test)[1][:count])


def components_of_test(train, test, count):
    return measure(train, test, find(test)[1][:count])


def error_of_train(train, test, count):
    return measure(train, train, find(train)[1][:count])


def singular_values_left_out(train, test, count):
    s = np.linalg.svd(train - train.mean(axis=0), compute_uv=False)
    return (s[count:] ** 2).sum() / train.size


def sum_of_each_picture(train, test, count):
    return np.sum((test - rebuild(train, test, count)) ** 2, axis=1).mean()


def sum_of_all(train, test, count):
    total = 0
    for old, new in zip(test, rebuild(train, test, count), strict=True):
        total += ((old - new) ** 2).sum()
    return total


def root(train, test, count):
    return np.sqrt(np.mean((test - rebuild(train, test, count)) ** 2))


def mean_norm(train, test, count):
    return np.mean(np.linalg.norm(test - rebuild(train, test, count), axis=1))


def absolute(train, test, count):
    return np.abs(test - rebuild(train, test, count)).mean()


def columns_of_vt(train, test, count):
    mean = np.mean(train, axis=0)
    _, _, vt = np.linalg.svd(train - mean, full_matrices=False)
    parts = vt[:, :count]
    return np.mean((test - ((test - mean) @ parts @ parts.T + mean)) ** 2)


def last_rows_of_eigh(train, test, count):
    _, vectors = np.linalg.eigh(np.cov(train.T))
    return measure(train, test, vectors[-count:])


def rows_of_sorted_eigh(train, test, count):
    values, vectors = np.linalg.eigh(np.cov(train.T))
    vectors = vectors[:, np.argsort(values)[::-1]]
    return measure(train, test, vectors[:count])


def columns_of_u(train, test, count):
    u, _, _ = np.linalg.svd(train - train.mean(axis=0), full_matrices=False)
    return measure(train, test, u[:, :count].T)


def rows_of_u(train, test, count):
    parts, _, _ = np.linalg.svd(train - train.mean(axis=0))
    return measure(train, test, parts[:count])


def smallest_eigenvalues(train, test, count):
    centred = train - train.mean(axis=0)
    _, vectors = np.linalg.eigh(centred.T @ centred)
    return measure(train, test, vectors[:, :count].T)


def one_too_many(train, test, count):
    return measure(train, test, find(train)[1][: count + 1])


def one_too_few(train, test, count):
    return measure(train, test, find(train)[1][: count - 1])


def from_the_second(train, test, count):
    return measure(train, test, find(train)[1][1 : count + 1])


def what_is_kept(train, test, count):
    return np.mean((rebuild(train, test, count) - train.mean(axis=0)) ** 2)


def standardised(train, test, count):
    mean, width = train.mean(axis=0), train.std(axis=0)
    old, new = (train - mean) / width, (test - mean) / width
    vt = np.linalg.svd(old)[2][:count]
    return np.mean((new - new @ vt.T @ vt) ** 2)


def each_picture(train, test, count):
    return ((test - rebuild(train, test, count)) ** 2).mean(axis=1)


def in_place(train, test, count):
    mean, vt = find(train)
    test -= mean
    return np.mean((test - test @ vt[:count].T @ vt[:count]) ** 2)


def not_turned(train, test, count):
    mean, vt = find(train)
    return np.mean((test - ((test - mean) @ vt[:count] @ vt[:count].T + mean)) ** 2)


def masked(x):
    return x[~np.eye(len(x), dtype=bool)]


def changed_places(p, q):
    p, q = masked(p), masked(q)
    return np.sum(q * np.log(q / p))


def quotient_upside_down(p, q):
    total = 0
    for i in range(len(p)):
        for j in range(len(p)):
            if i != j:
                total += p[i, j] * np.log(q[i, j] / p[i, j])
    return total


def weighted_with_q(p, q):
    p, q = masked(p), masked(q)
    return np.sum(q * np.log(p / q))


def each_its_own_weight(p, q):
    p, q = masked(p), masked(q)
    return np.sum(p * np.log(p)) - np.sum(q * np.log(q))


def diagonal_too(p, q):
    with np.errstate(all="ignore"):
        return np.sum(p * np.log(p / q))


def diagonal_too_in_loops(p, q):
    return sum(p[i, j] * (math.log(p[i, j]) - math.log(q[i, j])) for i in range(len(p)) for j in range(len(p)))


def diagonal_too_in_lists(p, q):
    p, q = p.tolist(), q.tolist()
    return sum(a * math.log(a / b) for one, other in zip(p, q, strict=True) for a, b in zip(one, other, strict=True))


def bits(p, q):
    p, q = masked(p), masked(q)
    return np.sum(p * np.log2(p / q))


def digits(p, q):
    p, q = masked(p), masked(q)
    return np.sum(p * np.log10(p / q))


def mean_with_diagonal(p, q):
    with np.errstate(all="ignore"):
        return np.nan_to_num(p * np.log(p / q)).mean()


def mean_of_pairs(p, q):
    p, q = masked(p), masked(q)
    return np.mean(p * np.log(p / q))


def mean_of_rows_summed(p, q):
    with np.errstate(all="ignore"):
        terms = np.where(p > 0, p * np.log(p / q), 0)
    return terms.sum(axis=1).mean()


def upper_triangle(p, q):
    i, j = np.triu_indices(len(p), k=1)
    return np.sum(p[i, j] * np.log(p[i, j] / q[i, j]))


def cross_entropy(p, q):
    return -np.sum(masked(p) * np.log(masked(q)))


def cross_entropy_without_sign(p, q):
    return np.sum(masked(p) * np.log(masked(q)))


def entropy(p, q):
    return -np.sum(masked(p) * np.log(masked(p)))


def squares(p, q):
    return np.sum((p - q) ** 2)


def mean_square(p, q):
    return np.mean((p - q) ** 2)


def absolute_differences(p, q):
    return np.abs(p - q).sum()


def all_above_zero(p, q):
    p, q = masked(p), masked(q)
    return np.sum(p * np.abs(np.log(p / q)))


def weight_forgotten(p, q):
    return np.log(masked(p) / masked(q)).sum()


def logarithm_forgotten(p, q):
    p, q = masked(p), masked(q)
    return (p * (p / q)).sum()


def quotient_outside(p, q):
    p, q = masked(p), masked(q)
    return np.sum(p * np.log(p) / q)


def quotient_of_logarithms(p, q):
    p, q = masked(p), masked(q)
    return np.sum(p * np.log(p) / np.log(q))


def of_each_point(p, q):
    with np.errstate(all="ignore"):
        return np.nansum(p * np.log(p / q), axis=1)


def counted_too_far(p, q):
    n, total = len(p), 0
    for i in range(n):
        for j in range(i + 1, n + 1):
            total += 2 * p[i, j] * np.log(p[i, j] / q[i, j])
    return total


def no_end_point(first, second, count):
    return np.linspace(first, second, count, endpoint=False)


def counted_to_count(first, second, count):
    return np.array([first + k / count * (second - first) for k in range(count)])


def arange_to_one(first, second, count):
    codes = []
    for k in range(count - 1):
        codes.append(first + (second - first) * k / (count - 1))
    return np.array(codes)


def from_the_first_step(first, second, count):
    step = (second - first) / count
    return np.stack([first + step * k for k in range(1, count + 1)])


def first_thrown_away(first, second, count):
    return np.linspace(first, second, count)[1:]


def between(first, second, count):
    weights = np.arange(1, count + 1) / (count + 1)
    return (1 - weights)[:, None] * first + weights[:, None] * second


def ends_thrown_away(first, second, count):
    return np.linspace(first, second, count)[1:-1]


def backwards(first, second, count):
    weights = np.linspace(0, 1, count)[:, np.newaxis]
    return weights * first + (1 - weights) * second


def middle(first, second, count):
    return np.mean([first, second], axis=0)


def middle_again_and_again(first, second, count):
    return np.array([(first + second) / 2 for _ in range(count)])


def transposed(first, second, count):
    return np.array([np.linspace(a, b, count) for a, b in zip(first, second, strict=True)])


def whole_way_each_time(first, second, count):
    codes = [first]
    for _ in range(count - 1):
        codes.append(codes[-1] + (second - first))
    return np.array(codes)


def whole_way_from_the_start(first, second, count):
    return np.array([first + (k + 1) * (second - first) for k in range(count)])


def ends_besides(first, second, count):
    weights = np.arange(1, count + 1)[:, None] / (count + 1)
    return np.vstack([first, first + weights * (second - first), second])


def steps_counted(first, second, count):
    return np.array([first + k / count * (second - first) for k in range(count + 1)])


def ways(first, second, count):
    return np.linspace(0, 1, count)[:, None] * (second - first)


def ways_from_zero(first, second, count):
    return np.outer(np.arange(count) / (count - 1), second)


def second_added(first, second, count):
    return np.array([first + t * second for t in np.linspace(0, 1, count)])


def ends_alone(first, second, count):
    return np.array([first, second])


def one_axis(first, second, count):
    t = np.linspace(0, 1, count)
    return first + t * (second - first)


def one_long_row(first, second, count):
    return np.linspace(first, second, count).ravel()


def filled_too_far(first, second, count):
    codes = np.zeros((count, len(first)))
    for k in range(count + 1):
        codes[k] = first + k / count * (second - first)
    return codes


WRONG = {
    "plane_angle": [
        (in_radians, "the angle in radians"),
        (may_be_obtuse, "can be obtuse"),
        (other_way_round, "can be obtuse"),
        (larger_of_the_two, "can be obtuse"),
        (long_normals, "not of length 1"),
        (long_normals_clipped, "not of length 1"),
        (first_normal_alone, "not of length 1"),
        (divided_twice, "arccosine of a number above 1"),
        (arcsine, "lacks of 90"),
        (arcsine_with_sign, "lacks of 90"),
        (cosine_alone, "that is the cosine"),
        (cosine_with_sign, "that is the cosine"),
        (rows_to_length_one, "rows at right angles"),
        (principal_angles_of_the_rows, "rows at right angles"),
        (first_vectors, "directions IN the planes"),
        (first_vectors_acute, "directions IN the planes"),
        (smallest_of_rows, "directions IN the planes"),
        (smallest_of_rows_acute, "directions IN the planes"),
        (largest_of_rows_acute, "directions IN the planes"),
        (mean_of_rows, "directions IN the planes"),
        (shared_line, "share a line"),
        (mixed_planes, "mix the two planes"),
        (both_principal_angles, "got an array of shape (2,)"),
        (third_row, "IndexError"),
    ],
    "pca_error": [
        (never_centred, "the mean was not removed"),
        (centred_too_late, "had not been removed"),
        (test_with_mean, "with their mean still in them"),
        (added_but_not_removed, "with their mean still in them"),
        (mean_not_added, "never came back"),
        (compared_without_mean, "never came back"),
        (mean_of_test, "yours comes from test"),
        (one_mean_for_all, "each pixel has a mean of its own"),
        (one_mean_for_each_set, "each pixel has a mean of its own"),
        (mean_of_each_picture, "each pixel has a mean of its own"),
        (mean_along_the_wrong_axis, "each pixel has a mean of its own"),
        (fitted_on_test, "come from the test pictures"),
        (components_of_test, "come from the test pictures"),
        (error_of_train, "the error of train"),
        (singular_values_left_out, "the error of train"),
        (sum_of_each_picture, "that is a sum"),
        (sum_of_all, "that is a sum"),
        (root, "that is the root"),
        (mean_norm, "that is the root"),
        (absolute, "not squared"),
        (columns_of_vt, "along the other axis"),
        (last_rows_of_eigh, "along the other axis"),
        (rows_of_sorted_eigh, "along the other axis"),
        (columns_of_u, "U has a number"),
        (rows_of_u, "U has a number"),
        (smallest_eigenvalues, "differ LEAST"),
        (one_too_many, "one component too many"),
        (one_too_few, "one component too few"),
        (from_the_second, "the very first component"),
        (what_is_kept, "how much the components keep"),
        (standardised, "divided by their spread"),
        (each_picture, "got an array of shape (4,)"),
        (in_place, "changes the array"),
        (not_turned, "a number for each pixel, as"),
    ],
    "divergence": [
        (changed_places, "changed places"),
        (quotient_upside_down, "the sign is wrong"),
        (weighted_with_q, "should be p"),
        (each_its_own_weight, "should be p"),
        (diagonal_too, "On the diagonal"),
        (diagonal_too_in_loops, "On the diagonal"),
        (diagonal_too_in_lists, "On the diagonal"),
        (bits, "the natural one"),
        (digits, "the natural one"),
        (mean_with_diagonal, "that is a mean"),
        (mean_of_pairs, "that is a mean"),
        (mean_of_rows_summed, "that is a mean"),
        (upper_triangle, "that is half of it"),
        (cross_entropy, "that is the cross-entropy"),
        (cross_entropy_without_sign, "that is the cross-entropy"),
        (entropy, "q does not occur"),
        (squares, "measures the differences"),
        (mean_square, "measures the differences"),
        (absolute_differences, "measures the differences"),
        (all_above_zero, "without their signs"),
        (weight_forgotten, "every pair counts the same"),
        (logarithm_forgotten, "no logarithm in it"),
        (quotient_outside, "INSIDE the logarithm"),
        (quotient_of_logarithms, "INSIDE the logarithm"),
        (of_each_point, "got an array of shape (3,)"),
        (counted_too_far, "IndexError"),
    ],
    "walk": [
        (no_end_point, "stops before"),
        (counted_to_count, "stops before"),
        (arange_to_one, "stops before"),
        (from_the_first_step, "begins after"),
        (first_thrown_away, "begins after"),
        (between, "both ends are left out"),
        (ends_thrown_away, "both ends are left out"),
        (backwards, "the way back"),
        (middle, "the middle alone"),
        (middle_again_and_again, "the middle alone"),
        (transposed, "rows and columns"),
        (whole_way_each_time, "as long as the whole way"),
        (whole_way_from_the_start, "as long as the whole way"),
        (ends_besides, "the two ends besides"),
        (steps_counted, "one code too many"),
        (ways, "ways from the start"),
        (ways_from_zero, "ways from the start"),
        (second_added, "goes past"),
        (ends_alone, "the two ends alone"),
        (one_axis, "these are two axes"),
        (one_long_row, "an array of shape (5, 2) was expected"),
        (filled_too_far, "IndexError"),
    ],
}
