use super::*;
use proptest::prelude::*;

fn numbers(count: usize, seed: u64) -> Vec<f32> {
    let mut random = Random::new(seed);
    (0..count).map(|_| random.normal()).collect()
}

fn bits(x: &[f32]) -> Vec<u32> {
    x.iter().map(|x| x.to_bits()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn products_are_right_and_their_bits_do_not_depend_on_the_kernel(
        m in 1usize..40, n in 1usize..80, k in 1usize..600, a_turned: bool, b_turned: bool, accumulate: bool, seed: u64,
    ) {
        let (a, b, c) = (numbers(m * k, seed), numbers(k * n, seed ^ 1), numbers(m * n, seed ^ 2));
        let view_a = if a_turned { View::transposed(&a, m) } else { View::rows(&a, k) };
        let view_b = if b_turned { View::transposed(&b, k) } else { View::rows(&b, n) };
        let mut results = Vec::new();
        for kernel in Kernel::available() {
            let mut out = c.clone();
            matmul(kernel, (m, n, k), view_a, view_b, &mut out, n, accumulate);
            results.push(out);
        }
        for pair in results.windows(2) {
            prop_assert_eq!(bits(&pair[0]), bits(&pair[1]));
        }
        let at = |v: View, i: usize, j: usize| f64::from(v.data[i * v.row_stride + j * v.col_stride]);
        for i in 0..m {
            for j in 0..n {
                let start = if accumulate { f64::from(c[i * n + j]) } else { 0.0 };
                let exact = (0..k).fold(start, |sum, p| sum + at(view_a, i, p) * at(view_b, p, j));
                prop_assert!((f64::from(results[0][i * n + j]) - exact).abs() < 1e-3);
            }
        }
    }

    #[test]
    fn packed_weights_give_the_bits_of_the_general_product(
        m in 1usize..30, n in 1usize..150, k in 1usize..600, accumulate: bool, seed: u64,
    ) {
        let packed: Vec<u16> = numbers(k * n, seed).into_iter().map(to_bf16).collect();
        let plain: Vec<f32> = packed.iter().map(|&b| from_bf16(b)).collect();
        // Values behind the last whole row are neither read nor written.
        let left = (k - 1).min(n - 1);
        let (x, start) = (numbers(m * k + left, seed ^ 1), numbers(m * n + left, seed ^ 2));
        let weights = Packed::new(&packed, k, n);
        for kernel in Kernel::available() {
            let (mut fast, mut general) = (start.clone(), start.clone());
            weights.multiply(kernel, &x, &mut fast, accumulate);
            matmul(kernel, (m, n, k), View::rows(&x, k), View::rows(&plain, n), &mut general, n, accumulate);
            prop_assert_eq!(bits(&fast), bits(&general));
            let mut row = vec![0.0; n];
            row_times(kernel, &x[..k], &plain, n, &mut row);
            matmul(kernel, (1, n, k), View::rows(&x, k), View::rows(&plain, n), &mut general, n, false);
            prop_assert_eq!(bits(&row), bits(&general[..n]));
        }
    }

    #[test]
    fn row_operations_do_not_depend_on_the_kernel(width in 1usize..100, seed: u64) {
        let x = numbers(2 * width, seed);
        let mut results = Vec::new();
        for kernel in Kernel::available() {
            let mut y = vec![0.0; 2 * width];
            rms_norm(kernel, &x, &mut y, width);
            let mut p = x.clone();
            softmax(kernel, &mut p, 0.3);
            softmax_backward(kernel, &x, &mut p, 0.3);
            let mut g = y.clone();
            relu_squared_backward(kernel, &x, &mut g);
            let mut row = x.clone();
            let (m, z) = cross_entropy(kernel, &mut row, width, 0.5);
            let again = max_and_exp_sum(kernel, &x);
            prop_assert_eq!((m.to_bits(), z.to_bits()), (again.0.to_bits(), again.1.to_bits()));
            y.extend(p.into_iter().chain(g).chain(row).chain([m, z, inner(kernel, &x, &x)]));
            results.push(bits(&y));
        }
        for pair in results.windows(2) {
            prop_assert_eq!(&pair[0], &pair[1]);
        }
    }

    #[test]
    fn brain_floats_round_to_nearest(x in -1e30f32..1e30) {
        let y = from_bf16(to_bf16(x));
        prop_assert!((x - y).abs() <= x.abs() / 256.0);
        prop_assert_eq!(to_bf16(y), to_bf16(x));
    }

    #[test]
    fn elementary_functions_are_accurate(x in -80.0f64..80.0, y in 1e-30f64..1e30, angle in 0.0f64..2.0) {
        let e = f64::from(exp(x as f32));
        prop_assert!((e / f64::from(x as f32).exp() - 1.0).abs() < 1e-6);
        prop_assert!((ln(y) - y.ln()).abs() < 1e-11);
        let (c, s) = cos_sin(angle);
        prop_assert!((c - angle.cos()).abs() < 1e-14 && (s - angle.sin()).abs() < 1e-14);
    }
}

#[test]
fn extreme_arguments_of_exp_stay_finite() {
    for x in [f32::MIN, -1e9, -87.0, 0.0, 88.0, 1e9, f32::MAX] {
        assert!(exp(x).is_finite() && exp(x) >= 0.0, "{x}");
    }
    assert_eq!(exp(0.0), 1.0);
}

#[test]
fn random_numbers_are_pinned_and_spread() {
    let mut random = Random::new(1);
    assert_eq!(random.next_u64(), 0x910a_2dec_8902_5cc1);
    let mut seen = [0; 10];
    (0..100_000).for_each(|_| seen[random.below(10)] += 1);
    assert!(seen.iter().all(|n| (9_600..10_400).contains(n)), "{seen:?}");
    let mean = (0..10_000).map(|_| random.normal()).sum::<f32>() / 10_000.0;
    assert!(mean.abs() < 0.05);
    assert_ne!(Random::stream(1, 2), Random::stream(1, 3));
}
