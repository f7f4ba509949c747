! Prints numbers that Spatium computes, as the integers of their bits.
program example
    use, intrinsic :: iso_fortran_env, only: int32, int64, real32, real64
    use spatium
    implicit none
    real(real32) :: x(5) = [-6.0, -1.5, -0.0, 0.25, 3.0], y(5), dy(5)
    real(real64) :: wide(5), scores(3, 2), shares(3, 2)
    type(activation) :: gelu, elu
    integer :: i

    gelu = find_activation('gelu')
    elu = find_activation('elu', [0.5_real64])

    call evaluate(gelu, x, y)
    call backward(gelu, 2 * y, x, dy)
    do i = 1, size(x)
        print '(a, 3i12)', 'gelu', transfer(x(i), 1_int32), transfer(y(i), 1_int32), transfer(dy(i), 1_int32)
    end do

    call evaluate(elu, real(x, real64), wide)
    print '(a, i21)', ('elu', transfer(wide(i), 1_int64), i = 1, size(wide))

    scores = reshape([1.0_real64, 2.0_real64, 3.0_real64, 0.0_real64, 0.0_real64, 1000.0_real64], [3, 2])
    call softmax(scores, shares)
    do i = 1, 2
        print '(a, 3i21)', 'softmax', transfer(shares(:, i), [1_int64, 1_int64, 1_int64])
    end do
end program
