! SPDX-License-Identifier: MIT
! A task of your own in Fortran: which rates of Robertson's three reactions explain what was measured?
!
!   y1 -> y2 (rate k1),  y2 + y2 -> y3 + y2 (k2),  y2 + y3 -> y1 + y3 (k3)
!
! The reactions are 9 powers of ten apart in speed, so the step is implicit: SDIRK of order 2, L-stable
! [Alexander 1977], Newton's method, steps that grow with time. stiff.c is its descriptor:
! evompi-build stiff.c stiff.f90
module stiff
    use, intrinsic :: iso_c_binding, only: c_double, c_int
    implicit none
    private
    public :: stiff_misfit

    integer, parameter :: n_times = 5, steps_per_decade = 40, newton_max = 12
    ! The concentrations at these times for k1 = 0.04, k2 = 3e7, k3 = 1e4 [Robertson 1966], computed by another
    ! method (Radau IIA of order 3): what "was measured".
    real(c_double), parameter :: times(n_times) = [0.4d0, 4d0, 40d0, 400d0, 4000d0]
    real(c_double), parameter :: measured(3, n_times) = reshape([ &
        9.85172d-1, 3.38640d-5, 1.47940d-2, &
        9.05519d-1, 2.24048d-5, 9.44589d-2, &
        7.15827d-1, 9.18553d-6, 2.84164d-1, &
        4.50519d-1, 3.22290d-6, 5.49478d-1, &
        1.83202d-1, 8.94237d-7, 8.16797d-1], [3, n_times])

contains

    ! The mean square of the relative errors at all times, for k = 10**log_rates; 1 if an equation of a
    ! step could not be solved, else 0.
    integer(c_int) function stiff_misfit(log_rates, misfit, n_newton) bind(c)
        real(c_double), intent(in) :: log_rates(3)
        real(c_double), intent(out) :: misfit, n_newton
        real(c_double) :: k(3), y(3), t, factor, step
        integer :: i_time, i_step, n_steps

        k = 10d0**log_rates
        y = [1d0, 0d0, 0d0]
        misfit = 0d0
        n_newton = 0d0
        stiff_misfit = 1
        t = times(1) * 1d-6
        if (.not. advance(k, y, t, n_newton)) return
        do i_time = 1, n_times
            n_steps = ceiling(log10(times(i_time) / t) * steps_per_decade)
            factor = (times(i_time) / t)**(1d0 / n_steps)
            do i_step = 1, n_steps
                step = merge(times(i_time) - t, t * (factor - 1d0), i_step == n_steps)
                if (.not. advance(k, y, step, n_newton)) return
                t = t + step
            end do
            t = times(i_time)
            misfit = misfit + sum(((y - measured(:, i_time)) / measured(:, i_time))**2) / (3 * n_times)
        end do
        stiff_misfit = 0
    end function

    ! One step of both stages.
    logical function advance(k, y, step, n_newton)
        real(c_double), intent(in) :: k(3), step
        real(c_double), intent(inout) :: y(3), n_newton
        real(c_double), parameter :: gamma = 1d0 - 1d0 / sqrt(2d0)
        real(c_double) :: first(3), second(3)

        first = y
        advance = solve(k, y, gamma * step, first, n_newton)
        if (.not. advance) return
        second = first
        advance = solve(k, y + (1d0 - gamma) / gamma * (first - y), gamma * step, second, n_newton)
        y = second
    end function

    ! Newton's method for y = start + h * f(y), from the y that is given.
    logical function solve(k, start, h, y, n_newton)
        real(c_double), intent(in) :: k(3), start(3), h
        real(c_double), intent(inout) :: y(3), n_newton
        real(c_double) :: f(3), jacobian(3, 3), change(3)
        integer :: i

        solve = .false.
        do i = 1, newton_max
            n_newton = n_newton + 1d0
            call reactions(k, y, f, jacobian)
            change = solution(unit_minus(h, jacobian), start + h * f - y)
            y = y + change
            if (.not. all(abs(y) < 1d3)) return ! not a number either
            solve = all(abs(change) <= 1d-10 * abs(y) + 1d-15)
            if (solve) return
        end do
    end function

    pure subroutine reactions(k, y, f, jacobian)
        real(c_double), intent(in) :: k(3), y(3)
        real(c_double), intent(out) :: f(3), jacobian(3, 3)

        f(1) = -k(1) * y(1) + k(3) * y(2) * y(3)
        f(3) = k(2) * y(2)**2
        f(2) = -f(1) - f(3)
        jacobian(1, :) = [-k(1), k(3) * y(3), k(3) * y(2)]
        jacobian(3, :) = [0d0, 2d0 * k(2) * y(2), 0d0]
        jacobian(2, :) = -jacobian(1, :) - jacobian(3, :)
    end subroutine

    pure function unit_minus(h, jacobian) result(matrix)
        real(c_double), intent(in) :: h, jacobian(3, 3)
        real(c_double) :: matrix(3, 3)
        integer :: i

        matrix = -h * jacobian
        do i = 1, 3
            matrix(i, i) = matrix(i, i) + 1d0
        end do
    end function

    ! Cramer's rule: three unknowns.
    pure function solution(a, b) result(x)
        real(c_double), intent(in) :: a(3, 3), b(3)
        real(c_double) :: x(3), replaced(3, 3)
        integer :: i

        do i = 1, 3
            replaced = a
            replaced(:, i) = b
            x(i) = determinant(replaced) / determinant(a)
        end do
    end function

    pure real(c_double) function determinant(a)
        real(c_double), intent(in) :: a(3, 3)
        determinant = a(1, 1) * (a(2, 2) * a(3, 3) - a(2, 3) * a(3, 2)) &
            - a(1, 2) * (a(2, 1) * a(3, 3) - a(2, 3) * a(3, 1)) &
            + a(1, 3) * (a(2, 1) * a(3, 2) - a(2, 2) * a(3, 1))
    end function

end module
