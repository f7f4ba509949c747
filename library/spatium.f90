! The functions of Spatium for Fortran: the interface of spatium.h in iso_c_binding, and generic procedures for real32 and
! real64. Compile this file with your program and link libspatium.a.
module spatium
    use, intrinsic :: iso_c_binding, only: c_char, c_double, c_float, c_int, c_loc, c_null_char, c_null_ptr, c_ptr, c_ptrdiff_t
    implicit none
    private
    public :: activation, find_activation, evaluate, derivative, backward, softmax, log_softmax, set_threads

    ! An activation and its parameters, from find_activation.
    type :: activation
        integer(c_int) :: code = -1
        real(c_double) :: parameters(2) = 0.0_c_double
    end type

    integer(c_int), parameter :: dtype_float32 = 1, dtype_float64 = 2
    integer(c_int), parameter :: operation_value = 0, operation_derivative = 1, operation_backward = 3

    interface
        integer(c_int) function spatium_activation(name) bind(c)
            import :: c_char, c_int
            character(kind=c_char), intent(in) :: name(*)
        end function
        integer(c_int) function spatium_parameters(code) bind(c)
            import :: c_int
            integer(c_int), value :: code
        end function
        integer(c_int) function spatium_evaluate(code, operation, dtype, n, x, grad, parameters, out, second) bind(c)
            import :: c_int, c_ptrdiff_t, c_ptr, c_double
            integer(c_int), value :: code, operation, dtype
            integer(c_ptrdiff_t), value :: n
            type(c_ptr), value :: x, grad, out, second
            real(c_double), intent(in) :: parameters(*)
        end function
        integer(c_int) function spatium_row_function(name) bind(c)
            import :: c_char, c_int
            character(kind=c_char), intent(in) :: name(*)
        end function
        integer(c_int) function spatium_evaluate_rows(code, dtype, rows, n, x, grad, out) bind(c)
            import :: c_int, c_ptrdiff_t, c_ptr
            integer(c_int), value :: code, dtype
            integer(c_ptrdiff_t), value :: rows, n
            type(c_ptr), value :: x, grad, out
        end function
        subroutine spatium_set_threads(count) bind(c)
            import :: c_int
            integer(c_int), value :: count
        end subroutine
    end interface

    ! y = f(x)
    interface evaluate
        procedure evaluate_real32, evaluate_real64
    end interface
    ! dy = f'(x)
    interface derivative
        procedure derivative_real32, derivative_real64
    end interface
    ! dx = grad·f'(x)
    interface backward
        procedure backward_real32, backward_real64
    end interface
    ! each column of x, whose elements are neighbors in memory
    interface softmax
        procedure softmax_real32, softmax_real64
    end interface
    interface log_softmax
        procedure log_softmax_real32, log_softmax_real64
    end interface

contains

    ! The activation with this name, such as 'gelu', or 'elu' with the parameter [0.5d0].
    function find_activation(name, parameters) result(found)
        character(*), intent(in) :: name
        real(c_double), intent(in), optional :: parameters(:)
        type(activation) :: found
        integer :: given
        given = 0
        if (present(parameters)) given = size(parameters)
        found%code = spatium_activation(trim(name)//c_null_char)
        if (found%code < 0) error stop 'spatium: there is no activation with this name'
        if (spatium_parameters(found%code) /= given) error stop 'spatium: the number of parameters is wrong'
        if (given > 0) found%parameters(:given) = parameters
    end function

    subroutine set_threads(count)
        integer, intent(in) :: count
        call spatium_set_threads(int(count, c_int))
    end subroutine

    subroutine run(f, operation, dtype, n, x, grad, out)
        type(activation), intent(in) :: f
        integer(c_int), intent(in) :: operation, dtype
        integer, intent(in) :: n
        type(c_ptr), intent(in) :: x, grad, out
        if (spatium_evaluate(f%code, operation, dtype, int(n, c_ptrdiff_t), x, grad, f%parameters, out, c_null_ptr) /= 0) &
            error stop 'spatium: a bad argument'
    end subroutine

    subroutine check_sizes(first, second)
        integer, intent(in) :: first, second
        if (first /= second) error stop 'spatium: the arrays have different sizes'
    end subroutine

    subroutine evaluate_real32(f, x, y)
        type(activation), intent(in) :: f
        real(c_float), intent(in), contiguous, target :: x(:)
        real(c_float), intent(out), contiguous, target :: y(:)
        call check_sizes(size(x), size(y))
        if (size(x) > 0) call run(f, operation_value, dtype_float32, size(x), c_loc(x), c_null_ptr, c_loc(y))
    end subroutine

    subroutine evaluate_real64(f, x, y)
        type(activation), intent(in) :: f
        real(c_double), intent(in), contiguous, target :: x(:)
        real(c_double), intent(out), contiguous, target :: y(:)
        call check_sizes(size(x), size(y))
        if (size(x) > 0) call run(f, operation_value, dtype_float64, size(x), c_loc(x), c_null_ptr, c_loc(y))
    end subroutine

    subroutine derivative_real32(f, x, dy)
        type(activation), intent(in) :: f
        real(c_float), intent(in), contiguous, target :: x(:)
        real(c_float), intent(out), contiguous, target :: dy(:)
        call check_sizes(size(x), size(dy))
        if (size(x) > 0) call run(f, operation_derivative, dtype_float32, size(x), c_loc(x), c_null_ptr, c_loc(dy))
    end subroutine

    subroutine derivative_real64(f, x, dy)
        type(activation), intent(in) :: f
        real(c_double), intent(in), contiguous, target :: x(:)
        real(c_double), intent(out), contiguous, target :: dy(:)
        call check_sizes(size(x), size(dy))
        if (size(x) > 0) call run(f, operation_derivative, dtype_float64, size(x), c_loc(x), c_null_ptr, c_loc(dy))
    end subroutine

    subroutine backward_real32(f, grad, x, dx)
        type(activation), intent(in) :: f
        real(c_float), intent(in), contiguous, target :: grad(:), x(:)
        real(c_float), intent(out), contiguous, target :: dx(:)
        call check_sizes(size(x), size(dx))
        call check_sizes(size(x), size(grad))
        if (size(x) > 0) call run(f, operation_backward, dtype_float32, size(x), c_loc(x), c_loc(grad), c_loc(dx))
    end subroutine

    subroutine backward_real64(f, grad, x, dx)
        type(activation), intent(in) :: f
        real(c_double), intent(in), contiguous, target :: grad(:), x(:)
        real(c_double), intent(out), contiguous, target :: dx(:)
        call check_sizes(size(x), size(dx))
        call check_sizes(size(x), size(grad))
        if (size(x) > 0) call run(f, operation_backward, dtype_float64, size(x), c_loc(x), c_loc(grad), c_loc(dx))
    end subroutine

    subroutine run_columns(name, dtype, rows, columns, x, y)
        character(*), intent(in) :: name
        integer(c_int), intent(in) :: dtype
        integer, intent(in) :: rows, columns
        type(c_ptr), intent(in) :: x, y
        integer(c_int) :: code
        code = spatium_row_function(name//c_null_char)
        if (spatium_evaluate_rows(code, dtype, int(columns, c_ptrdiff_t), int(rows, c_ptrdiff_t), x, c_null_ptr, y) /= 0) &
            error stop 'spatium: no memory'
    end subroutine

    subroutine softmax_real32(x, y)
        real(c_float), intent(in), contiguous, target :: x(:, :)
        real(c_float), intent(out), contiguous, target :: y(:, :)
        call check_sizes(size(x, 1), size(y, 1))
        call check_sizes(size(x, 2), size(y, 2))
        if (size(x) > 0) call run_columns('softmax', dtype_float32, size(x, 1), size(x, 2), c_loc(x), c_loc(y))
    end subroutine

    subroutine softmax_real64(x, y)
        real(c_double), intent(in), contiguous, target :: x(:, :)
        real(c_double), intent(out), contiguous, target :: y(:, :)
        call check_sizes(size(x, 1), size(y, 1))
        call check_sizes(size(x, 2), size(y, 2))
        if (size(x) > 0) call run_columns('softmax', dtype_float64, size(x, 1), size(x, 2), c_loc(x), c_loc(y))
    end subroutine

    subroutine log_softmax_real32(x, y)
        real(c_float), intent(in), contiguous, target :: x(:, :)
        real(c_float), intent(out), contiguous, target :: y(:, :)
        call check_sizes(size(x, 1), size(y, 1))
        call check_sizes(size(x, 2), size(y, 2))
        if (size(x) > 0) call run_columns('log_softmax', dtype_float32, size(x, 1), size(x, 2), c_loc(x), c_loc(y))
    end subroutine

    subroutine log_softmax_real64(x, y)
        real(c_double), intent(in), contiguous, target :: x(:, :)
        real(c_double), intent(out), contiguous, target :: y(:, :)
        call check_sizes(size(x, 1), size(y, 1))
        call check_sizes(size(x, 2), size(y, 2))
        if (size(x) > 0) call run_columns('log_softmax', dtype_float64, size(x, 1), size(x, 2), c_loc(x), c_loc(y))
    end subroutine

end module
